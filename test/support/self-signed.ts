import { type KeyObject, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** DER: a tag, the length, the content (X.690 8.1). */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  if (content.length < 128) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const size = content.length < 256 ? [0x81, content.length] : [0x82, content.length >> 8, content.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const objectId = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const ecdsaWithSha256 = sequence(objectId('2a8648ce3d040302'));
const time = (date: string): Buffer => der(0x18, Buffer.from(date));

/** A certificate and its key, both PEM. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
  readonly commonName: string;
}

/** What a test certificate says. */
export interface CertificateOptions {
  readonly commonName?: string;
  /** Who signs it; by default its own key. */
  readonly issuer?: TestCertificate;
  /** True for one that may sign others. */
  readonly isCa?: boolean;
  /** When it ends, as YYYYMMDD. */
  readonly until?: string;
}

/** A certificate for a name and 127.0.0.1, with a key of its own. For tests only. */
export function newCertificate({
  commonName = 'localhost',
  issuer,
  isCa = false,
  until = '21200101',
}: CertificateOptions = {}): TestCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const alternatives = sequence(der(0x82, Buffer.from(commonName)), der(0x87, Buffer.from([127, 0, 0, 1])));
  const constraints = isCa ? sequence(Buffer.from([0x01, 0x01, 0xff])) : sequence();
  const extensions = sequence(
    sequence(objectId('551d11'), der(0x04, alternatives)),
    sequence(objectId('551d13'), Buffer.from([0x01, 0x01, 0xff]), der(0x04, constraints)),
  );
  const serial = randomBytes(8);
  serial[0] = 0x11;
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    ecdsaWithSha256,
    nameOf(issuer?.commonName ?? commonName),
    sequence(time('20200101000000Z'), time(`${until}000000Z`)),
    nameOf(commonName),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  );
  const signature = sign('sha256', body, issuer?.key ?? privateKey);
  const whole = sequence(body, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature));
  return { cert: pem('CERTIFICATE', whole), key: keyPem(privateKey), commonName };
}

/** A certificate signed by its own key, for "localhost" and 127.0.0.1, and that key; both PEM. For tests only. */
export function selfSigned(commonName = 'localhost'): TestCertificate {
  return newCertificate({ commonName });
}

function nameOf(commonName: string): Buffer {
  return sequence(der(0x31, sequence(objectId('550403'), der(0x0c, Buffer.from(commonName)))));
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

function keyPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
