import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import type { JWTPayload, JWTVerifyGetKey, JWTVerifyOptions } from 'jose';
import { type AuthRequest, type Authenticator, type Verdict, absent, wrong } from './authenticator.js';
import { scopesOf } from './scope.js';
import { type TokenSource, maxTokenLength, tokenOf } from './token.js';
import { WatchedFile } from './watched-file.js';

/** A signed token as a way to come in; exactly one of `secret`, `publicKey` (PEM) and `jwksFile` is set. */
export interface JwtOptions {
  readonly secret?: string | undefined;
  readonly publicKey?: string | undefined;
  readonly jwksFile?: string | undefined;
  /** '' for any. */
  readonly issuer: string;
  readonly audience: string;
  /** Seconds its clock and ours may differ, for `exp` and `nbf`. Default 30. */
  readonly clockTolerance?: number | undefined;
  /** [] leaves it to the kind of key. */
  readonly algorithms: readonly string[];
  readonly from: TokenSource;
}

/** Seconds two clocks may differ where nothing else is said. */
const usualTolerance = 30;
/** Keys a file may hold: a token without `kid` is tried with each that fits. */
const mostKeys = 32;

const shared = ['HS256', 'HS384', 'HS512'];
const asymmetric = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'ES256K', 'EdDSA'];

/** Keeps an eye on a file. */
type WatchFile = <T>(path: string, parse: (text: string) => T | Promise<T>) => WatchedFile<T>;

/** A key, or a set to choose from by the token's `kid`, and the algorithms it may be used with. */
interface Verifier {
  readonly key: KeyObject | JWTVerifyGetKey;
  readonly algorithms: readonly string[];
}

/**
 * JSON Web Tokens (RFC 7519) by the jose library, loaded when the first one comes.
 *
 * **Security:** the algorithms are fixed by the kind of the configured key, so neither `none` nor an RSA key used as an
 * HMAC secret can pass (RFC 8725 3.1); `jwk`, `jku` and `x5u` of a token are ignored.
 */
export class JwtAuthenticator implements Authenticator {
  readonly challenge = 'Bearer';
  readonly #options: JwtOptions;
  readonly #fixed: Verifier | undefined;
  readonly #file: WatchedFile<Verifier> | undefined;

  /** @throws Error for a key that cannot be read, or algorithms that do not fit it */
  constructor(options: JwtOptions, watch: WatchFile = (path, parse) => new WatchedFile(path, parse)) {
    this.#options = options;
    if (options.jwksFile !== undefined)
      this.#file = watch(options.jwksFile, (text) => parseJwks(text, options.algorithms));
    else if (options.publicKey !== undefined) {
      const key = createPublicKey(options.publicKey);
      this.#fixed = { key, algorithms: chosen(algorithmsOf(key), options.algorithms) };
    } else
      this.#fixed = {
        key: createSecretKey(Buffer.from(options.secret ?? '')),
        algorithms: chosen(shared, options.algorithms),
      };
  }

  async authenticate(request: AuthRequest): Promise<Verdict> {
    const token = tokenOf(request, 'bearer', this.#options.from);
    if (token === undefined) return absent;
    // A Bearer value that is no JWT may be meant for a fixed token beside this one.
    if (token.length > maxTokenLength || !/^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)) return wrong;
    const verifier = this.#fixed ?? (await this.#file?.get());
    if (!verifier || 'unusable' in verifier)
      return { kind: 'unusable', reason: verifier?.unusable ?? 'there is no key' };
    return this.#verify(token, verifier);
  }

  async #verify(token: string, { key, algorithms }: Verifier): Promise<Verdict> {
    const { issuer, audience, clockTolerance = usualTolerance } = this.#options;
    const options: JWTVerifyOptions = {
      algorithms: [...algorithms],
      clockTolerance,
      ...(issuer && { issuer }),
      ...(audience && { audience }),
    };
    try {
      const payload = await claimsOf(token, key, options);
      const name = payload.sub ?? payload['preferred_username'] ?? payload['name'];
      const scopes = scopesOf(payload);
      return {
        kind: 'granted',
        user: {
          name: typeof name === 'string' ? name : 'jwt',
          scheme: 'jwt',
          ...(scopes.length > 0 && { scopes }),
          claims: payload,
        },
      };
    } catch {
      return wrong;
    }
  }
}

/** The claims of a token whose signature and times are right; throws otherwise. */
async function claimsOf(token: string, key: Verifier['key'], options: JWTVerifyOptions): Promise<JWTPayload> {
  const { jwtVerify, errors } = await import('jose');
  if (typeof key !== 'function') return (await jwtVerify(token, key, options)).payload;
  try {
    return (await jwtVerify(token, key, options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    // Without a kid any key of the right kind may be the one.
    for await (const candidate of error) {
      const result = await jwtVerify(token, candidate, options).catch(() => undefined);
      if (result) return result.payload;
    }
    throw error;
  }
}

async function parseJwks(text: string, wanted: readonly string[]): Promise<Verifier> {
  const { createLocalJWKSet } = await import('jose');
  let set: { keys?: { kty?: string }[] } | null;
  try {
    set = JSON.parse(text) as typeof set;
  } catch {
    // The parser's own words quote the file.
    throw new Error('the key file is not JSON');
  }
  if (!Array.isArray(set?.keys) || set.keys.length === 0) throw new Error('the key file holds no keys');
  // Secrets do not belong into a set of public keys, and mixing both kinds would invite confusion.
  if (set.keys.length > mostKeys) throw new Error(`the key file holds more than ${mostKeys} keys`);
  if (set.keys.some((key) => key.kty === 'oct')) throw new Error('the key file holds a shared secret');
  return {
    key: createLocalJWKSet(set as Parameters<typeof createLocalJWKSet>[0]),
    algorithms: chosen(asymmetric, wanted),
  };
}

function chosen(possible: readonly string[], wanted: readonly string[]): readonly string[] {
  const foreign = wanted.find((algorithm) => !possible.includes(algorithm));
  if (foreign !== undefined) throw new Error(`the algorithm ${foreign} does not fit the key`);
  return wanted.length > 0 ? wanted : possible;
}

const algorithmOfCurve: Readonly<Record<string, string>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
  secp256k1: 'ES256K',
};

function algorithmsOf(key: KeyObject): readonly string[] {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      if ((key.asymmetricKeyDetails?.modulusLength ?? 0) < 2048)
        throw new Error('an RSA key needs 2048 bits or more (RFC 7518 3.3)');
      return ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
    case 'ed25519':
    case 'ed448':
      return ['EdDSA'];
    case 'ec': {
      const algorithm = algorithmOfCurve[key.asymmetricKeyDetails?.namedCurve ?? ''];
      if (algorithm === undefined) throw new Error('a key on this curve cannot verify tokens');
      return [algorithm];
    }
    default:
      throw new Error(`a key of type ${key.asymmetricKeyType ?? 'unknown'} cannot verify tokens`);
  }
}
