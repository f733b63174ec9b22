import type http from 'node:http';
import zlib from 'node:zlib';
import { acceptedEncodings, appendVary } from '../http/header.js';

/** Bytes up to which compression costs more than it saves. A body of unknown length is taken to be larger. */
export const compressionThreshold = 1024;

/** Sizes of the compressors: some 300 KB each, that many clients at once fit into a small machine. */
const encoders = {
  br: () =>
    zlib.createBrotliCompress({
      params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4, [zlib.constants.BROTLI_PARAM_LGWIN]: 17 },
    }),
  gzip: () => zlib.createGzip({ windowBits: 15, memLevel: 8 }),
} as const;

/** Media types that are text in disguise. An event stream is not among them: it may never wait for a compressor. */
const compressible =
  /^(?:text\/(?!event-stream)|application\/(?:json|javascript|xml|x-ndjson|wasm|rtf|vnd\.ms-fontobject)(?![\w.+-])|[\w.-]+\/[\w.-]+\+(?:json|xml|text|yaml)(?![\w.+-])|font\/(?:ttf|otf)|image\/(?:bmp|vnd\.microsoft\.icon|x-icon))/i;

type Coding = keyof typeof encoders;
type Encoder = zlib.BrotliCompress | zlib.Gzip;
type WriteArguments = [chunk: unknown, encoding?: unknown, callback?: unknown];

/**
 * Lets a response compress itself (RFC 9110 8.4.1, 12.5.3): when its head is written, its status, media type, length and
 * the client's Accept-Encoding decide. Whoever writes the answer need not know. A part written without an announced
 * length is flushed to the client before the process waits.
 *
 * **Security:** where a page holds both a secret and text of a stranger, its compressed length can betray the secret
 * (BREACH). That is why it is off by default; `Cache-Control: no-transform` keeps an answer as it is.
 */
export function compressAnswer(response: http.ServerResponse): void {
  const plain = {
    writeHead: response.writeHead.bind(response),
    write: response.write.bind(response) as (...args: WriteArguments) => boolean,
    end: response.end.bind(response) as (...args: unknown[]) => http.ServerResponse,
  };
  let decided = false;
  let compressor: Compressor | undefined;

  const decide = (status: number, length: number | undefined): void => {
    decided = true;
    const coding = chooseCoding(response, status, length);
    if (!coding) return;
    const isWhole = response.hasHeader('Content-Length');
    encodeHead(response, coding);
    if (response.req.method !== 'HEAD') compressor = new Compressor(response, coding, isWhole, plain);
  };

  response.writeHead = (status: number, reason?: unknown, headers?: unknown) => {
    const text = typeof reason === 'string' ? reason : undefined;
    const given = text === undefined ? (reason ?? headers) : headers;
    // A list of raw lines may say what no map of headers shows: such an answer stays as it is.
    if (Array.isArray(given)) decided = true;
    else for (const [name, value] of Object.entries(given ?? {})) response.setHeader(name, value as string);
    if (!decided) decide(status, undefined);
    const rest = Array.isArray(given) ? (given as http.OutgoingHttpHeader[]) : undefined;
    return text === undefined ? plain.writeHead(status, rest) : plain.writeHead(status, text, rest);
  };

  response.write = ((...args: WriteArguments) => {
    if (!response.headersSent) response.writeHead(response.statusCode);
    return compressor ? compressor.write(args) : plain.write(...args);
  }) as typeof response.write;

  response.end = ((...args: unknown[]) => {
    const [chunk, encoding] = args;
    if (!decided && !response.headersSent) decide(response.statusCode, lengthOf(chunk, encoding));
    if (!compressor) return plain.end(...args);
    compressor.end(args);
    return response;
  }) as typeof response.end;
}

/** What stands between the writer of an answer and the response: takes bytes, hands on compressed ones. */
class Compressor {
  readonly #response: http.ServerResponse;
  readonly #encoder: Encoder;
  readonly #flushKind: number;
  readonly #isWhole: boolean;
  #flush: NodeJS.Immediate | undefined;
  #ended = false;

  constructor(
    response: http.ServerResponse,
    coding: Coding,
    isWhole: boolean,
    plain: { write: (...args: WriteArguments) => boolean; end: () => unknown },
  ) {
    this.#response = response;
    const encoder = encoders[coding]();
    this.#encoder = encoder;
    this.#flushKind = coding === 'gzip' ? zlib.constants.Z_SYNC_FLUSH : zlib.constants.BROTLI_OPERATION_FLUSH;
    this.#isWhole = isWhole;
    encoder.on('data', (piece: Buffer) => {
      if (!plain.write(piece)) encoder.pause();
    });
    encoder.on('end', () => plain.end());
    encoder.on('error', () => response.destroy());
    encoder.on('drain', () => response.emit('drain'));
    response.on('drain', () => encoder.resume());
    response.on('close', () => {
      clearImmediate(this.#flush);
      encoder.destroy();
    });
    const prototype = Object.getPrototypeOf(response) as object;
    const sent = (): number => Reflect.get(prototype, 'writableLength', response) as number;
    Object.defineProperties(response, {
      writableEnded: { get: () => this.#ended, configurable: true },
      writableLength: { get: () => encoder.writableLength + encoder.readableLength + sent(), configurable: true },
    });
  }

  write([chunk, encoding, callback]: WriteArguments): boolean {
    if (this.#ended || this.#encoder.destroyed) return false;
    const flowing = this.#encoder.write(chunk, encoding as BufferEncoding, callback as () => void);
    if (!this.#isWhole) this.#flush ??= setImmediate(() => this.#flushNow());
    return flowing;
  }

  end(args: unknown[]): void {
    if (this.#ended) return;
    this.#ended = true;
    clearImmediate(this.#flush);
    const callback = args.find((one) => typeof one === 'function');
    if (callback) this.#response.once('finish', callback as () => void);
    const [chunk, encoding] = args;
    if (chunk !== undefined && chunk !== null && typeof chunk !== 'function')
      this.#encoder.end(chunk, encoding as BufferEncoding);
    else this.#encoder.end();
  }

  #flushNow(): void {
    this.#flush = undefined;
    if (this.#ended || this.#encoder.destroyed) return;
    this.#encoder.flush(this.#flushKind);
  }
}

/** The coding of an answer whose headers are set; sets `Vary` wherever another client might have got another. */
function chooseCoding(response: http.ServerResponse, status: number, length: number | undefined): Coding | undefined {
  const { req: request } = response;
  if (status === 304) {
    keepWeak(response);
    return undefined;
  }
  if (status < 200 || status === 204 || status === 206) return undefined;
  const type = response.getHeader('Content-Type');
  if (typeof type !== 'string' || !compressible.test(type) || response.hasHeader('Content-Encoding')) return undefined;
  if (/(?:^|,)\s*no-transform\s*(?:,|$)/i.test(String(response.getHeader('Cache-Control') ?? ''))) return undefined;
  const announced = response.getHeader('Content-Length');
  const size = announced === undefined ? length : Number(announced);
  if (size !== undefined && size <= compressionThreshold) return undefined;
  response.setHeader('Vary', appendVary(String(response.getHeader('Vary') ?? ''), 'Accept-Encoding'));
  return acceptedEncodings(request.headers['accept-encoding'], ['br', 'gzip'] as const)[0];
}

/** Another coding is another representation: its length is not known, its ranges are not those of the plain one. */
function encodeHead(response: http.ServerResponse, coding: Coding): void {
  response.setHeader('Content-Encoding', coding);
  response.removeHeader('Content-Length');
  response.removeHeader('Accept-Ranges');
  const etag = response.getHeader('ETag');
  if (typeof etag === 'string' && !etag.startsWith('W/')) response.setHeader('ETag', `W/${etag}`);
}

/** A 304 names the validator that the client has: the weak one, when its copy is compressed (RFC 9110 15.4.5). */
function keepWeak(response: http.ServerResponse): void {
  const etag = response.getHeader('ETag');
  const asked = response.req.headers['if-none-match'];
  if (typeof etag === 'string' && !etag.startsWith('W/') && asked?.includes(`W/${etag}`))
    response.setHeader('ETag', `W/${etag}`);
}

function lengthOf(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string')
    return Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8');
  return chunk instanceof Uint8Array ? chunk.byteLength : 0;
}
