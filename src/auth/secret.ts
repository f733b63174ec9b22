import crypto from 'node:crypto';

/** A key of this process: digests made with it mean nothing elsewhere. */
const key = crypto.randomBytes(32).toString('hex');

/** Node's hash in one call, from 20.12 on: a fraction of the cost of a hash object. */
const { hash } = crypto as { hash?: (algorithm: string, text: string, encoding: 'buffer') => Buffer };

/** A digest of fixed length to compare secrets by, so that neither content nor length shows in the time it takes. */
export function digest(secret: string): Buffer {
  // Behind a key nobody knows a plain hash serves: a HMAC guards against nothing more here, and costs a multiple.
  const text = key + secret;
  return hash ? hash('sha256', text, 'buffer') : crypto.createHash('sha256').update(text).digest();
}

/** Compares a presented secret with the digest of the right one, in constant time. */
export function matchesDigest(presented: string, right: Buffer): boolean {
  return crypto.timingSafeEqual(digest(presented), right);
}

/** Bytes two texts are compared over, whatever their length. */
const comparedBytes = 256;
const presentedBytes = Buffer.alloc(comparedBytes);

/**
 * A header that was right, to know again when the next request repeats it: at a tenth of the cost of digests, and in
 * constant time, too.
 */
export class KnownHeader {
  readonly #bytes = Buffer.alloc(comparedBytes);
  #isSet = false;

  /** @param header as node:http gives it: one character a byte, no NUL. A longer one than fits is not kept. */
  set(header: string): void {
    this.#isSet = header.length <= comparedBytes;
    if (this.#isSet) this.#bytes.fill(0).write(header, 'latin1');
  }

  /** True for the very header that was set. */
  matches(header: string): boolean {
    if (!this.#isSet || header.length > comparedBytes) return false;
    presentedBytes.fill(0).write(header, 'latin1');
    return crypto.timingSafeEqual(presentedBytes, this.#bytes);
  }
}
