import { Transform, type Readable, pipeline } from 'node:stream';
import zlib from 'node:zlib';
import { HttpError } from '../errors.js';

/**
 * The body of a request without its Content-Encoding: gzip, deflate (zlib or raw) or br. The caller bounds the decoded
 * bytes; nothing is decoded ahead of what it reads.
 * @throws HttpError UNSUPPORTED_ENCODING for several codings or an unknown one; the stream fails with BAD_BODY
 */
export function decodeContent(stream: Readable, encoding: string | undefined): Readable {
  const name = encoding?.trim().toLowerCase();
  if (!name || name === 'identity') return stream;
  const decoder = decoderFor(name);
  if (!decoder) throw new HttpError('UNSUPPORTED_ENCODING');
  // The callback keeps the error from being unhandled; the reader sees it on the decoder.
  pipeline(stream, decoder, () => undefined);
  const guarded = new Transform({ transform: (chunk: Buffer, _encoding, done) => done(null, chunk) });
  decoder.on('error', (cause) =>
    guarded.destroy(
      new HttpError(stream.destroyed && !stream.readableEnded ? 'BODY_TRUNCATED' : 'BAD_BODY', { cause }),
    ),
  );
  guarded.on('close', () => {
    if (!decoder.destroyed) decoder.destroy();
  });
  return decoder.pipe(guarded);
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
    if (!this.#inner) {
      const inner = ((chunk[0] ?? 0) & 0x0f) === 8 ? zlib.createInflate() : zlib.createInflateRaw();
      inner.on('data', (part: Buffer) => {
        if (!this.push(part)) inner.pause();
      });
      inner.on('error', (error) => this.destroy(error));
      this.#inner = inner;
    }
    this.#inner.write(chunk, done);
  }

  override _read(size: number): void {
    this.#inner?.resume();
    super._read(size);
  }

  override _flush(done: (error?: Error | null) => void): void {
    if (!this.#inner) {
      done();
      return;
    }
    this.#inner.once('end', () => done());
    this.#inner.end();
  }
}
