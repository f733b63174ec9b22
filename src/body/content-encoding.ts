import { Transform, type Readable } from 'node:stream';
import zlib from 'node:zlib';
import { HttpError } from '../errors.js';

/** The codings a request body may have, as `Accept-Encoding` names them in a 415 (RFC 9110 15.5.16). */
export const decodableEncodings = 'gzip, deflate, br';

/**
 * The body of a request without its Content-Encoding: gzip, deflate (zlib or raw) or br; the request itself when it
 * has none.
 *
 * **Security:** one coding only, and nothing is decoded ahead of what is read: the reader bounds the decoded bytes.
 *
 * The stream fails with BODY_TRUNCATED when the request ends early and with a zlib error when the coding is corrupt
 * ({@link toBodyError} makes that BAD_BODY). Destroying it leaves the request alone, paused.
 * @throws HttpError UNSUPPORTED_ENCODING for several codings or an unknown one
 */
export function decodeContent(request: Readable, encoding: string | undefined): Readable {
  const name = encoding?.trim().toLowerCase();
  if (!name || name === 'identity') return request;
  const decoder = decoderFor(name);
  if (!decoder)
    throw new HttpError('UNSUPPORTED_ENCODING', {
      message: `The Content-Encoding ${JSON.stringify(name.slice(0, 60))} is not supported.`,
      headers: { 'Accept-Encoding': decodableEncodings },
    });
  const cut = (cause?: unknown): void => {
    if (!request.readableEnded) decoder.destroy(new HttpError('BODY_TRUNCATED', { cause }));
  };
  request.once('error', cut).once('close', cut);
  // Kept for good: an error after the reader has gone must not end the process.
  decoder.on('error', () => undefined);
  decoder.once('close', () => {
    request.off('error', cut).off('close', cut).unpipe(decoder);
  });
  if (request.destroyed) cut();
  else request.pipe(decoder);
  return decoder;
}

/** What a failed body stream means: zlib's errors are BAD_BODY, an early end or a broken connection BODY_TRUNCATED. */
export function toBodyError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  // zlib: Z_DATA_ERROR and the like; brotli: ERR__ERROR_FORMAT_… or ERR_BROTLI_…
  const isCoding = /^(?:Z_|ERR__|ERR_BROTLI)/.test(code);
  return new HttpError(isCoding ? 'BAD_BODY' : 'BODY_TRUNCATED', { cause: error });
}

function decoderFor(name: string): Transform | undefined {
  switch (name) {
    case 'gzip':
    case 'x-gzip':
      return zlib.createGunzip();
    case 'br':
      return zlib.createBrotliDecompress();
    case 'deflate':
      return new Inflate();
    default:
      return undefined;
  }
}

/** "deflate" means zlib (RFC 9110 8.4.1.2), but some clients send it raw: the first byte tells. */
class Inflate extends Transform {
  #inner: Transform | undefined;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#inner ??= this.#start(chunk[0] ?? 0);
    this.#inner.write(chunk, (error) => {
      if (!error) done();
    });
  }

  override _read(size: number): void {
    this.#inner?.resume();
    super._read(size);
  }

  override _flush(done: (error?: Error | null) => void): void {
    if (this.#inner) this.#inner.once('end', () => done()).end();
    else done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#inner?.destroy();
    done(error);
  }

  #start(firstByte: number): Transform {
    const inner = (firstByte & 0x0f) === 8 ? zlib.createInflate() : zlib.createInflateRaw();
    inner.on('data', (part: Buffer) => {
      if (!this.push(part)) inner.pause();
    });
    inner.on('error', (error) => this.destroy(error));
    return inner;
  }
}
