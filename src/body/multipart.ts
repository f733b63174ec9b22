import type { Readable, Writable } from 'node:stream';
import busboy from 'busboy';
import { type ErrorCode, HttpError } from '../errors.js';
import { isSafeName, objectOf } from '../http/query.js';
import { BudgetShare } from './body-budget.js';
import { ByteCollector } from './byte-collector.js';
import { notePassed } from './chunk-memory.js';
import { toBodyError } from './content-encoding.js';
import { multipartLimits, parseBoundary } from './multipart-limits.js';
import type { ParsedBody, ParseOptions } from './parse-body.js';
import { PartWatch, malformed } from './part-watch.js';
import { type SizeLimit, tooLarge } from './read-body.js';
import { originalName } from './upload-name.js';
import { DiskStore, MemoryStore, type UploadStore } from './upload-store.js';

/** An entry of `msg.req.files`, in the shape flows know from multer. */
export interface UploadedFile {
  readonly fieldname: string;
  /** The client's file name without folders, as data: never a path. */
  readonly originalname: string;
  /** Content-Transfer-Encoding of the part as sent; nothing is decoded by it (RFC 7578 4.7). */
  readonly encoding: string;
  readonly mimetype: string;
  /** Bytes. */
  readonly size: number;
  /** The bytes of an upload in memory. */
  readonly buffer?: Buffer;
  /** Where an upload on disk lies. */
  readonly path?: string;
}

/**
 * Reads a multipart/form-data body: text fields to an object, files to memory or, as they arrive, to disk. A file input
 * nothing was chosen in is in `fileParts` only. An empty body is `{}`.
 *
 * **Security:** every limit is enforced while reading; after any error nothing is left in memory or on disk.
 * @throws HttpError BAD_MULTIPART, BODY_TRUNCATED, BAD_BODY, BODY_TOO_LARGE, LIMIT_…, UPLOADS_OFF, UNSUPPORTED_CHARSET,
 *   OVERLOADED, STORAGE_FULL, STORAGE_UNAVAILABLE
 */
export async function parseMultipart(
  stream: Readable,
  contentType: string,
  options: ParseOptions,
): Promise<ParsedBody> {
  if (options.upload === 'off') throw new HttpError('UPLOADS_OFF');
  const boundary = parseBoundary(contentType);
  return new MultipartRead(stream, boundary, options).start();
}

/** Of a file part: what is known before its bytes. */
interface PartInfo {
  readonly filename?: string | undefined;
  readonly encoding: string;
  readonly mimeType: string;
}

/** One multipart body being read: from the first byte to a parsed body, or to an error that leaves nothing behind. */
class MultipartRead {
  readonly #stream: Readable;
  readonly #boundary: string;
  readonly #options: ParseOptions;
  readonly #limit: SizeLimit;
  readonly #maxFileSize: number;
  readonly #watch: PartWatch;
  readonly #share: BudgetShare;
  readonly #store: UploadStore;
  readonly #raw: ByteCollector | undefined;
  readonly #pairs: [string, string][] = [];
  readonly #files: (UploadedFile | undefined)[] = [];
  #received = 0;
  #parts = 0;
  #storing = 0;
  #isParsed = false;
  #isSettled = false;
  #parser!: Writable;
  #resolve!: (body: ParsedBody) => void;
  #reject!: (error: HttpError) => void;

  constructor(stream: Readable, boundary: string, options: ParseOptions) {
    const toDisk = options.upload === 'disk';
    this.#stream = stream;
    this.#boundary = boundary;
    this.#options = options;
    this.#limit = toDisk ? options.uploadLimit : options.memoryLimit;
    this.#maxFileSize = Math.min(options.maxFileSize ?? Infinity, this.#limit.bytes);
    this.#watch = new PartWatch(boundary, multipartLimits);
    this.#share = new BudgetShare(options.budget);
    this.#store = toDisk ? new DiskStore(options.uploadDir) : new MemoryStore(this.#share);
    this.#raw = options.keepRaw && !toDisk ? new ByteCollector() : undefined;
  }

  start(): Promise<ParsedBody> {
    const promise = new Promise<ParsedBody>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const parser = busboy({
      headers: { 'content-type': `multipart/form-data; boundary="${this.#boundary}"` },
      defParamCharset: 'utf8',
      limits: {
        files: this.#options.maxFiles,
        fields: multipartLimits.fields,
        // One more than allowed: busboy calls a value that just reaches its limit truncated.
        fileSize: this.#maxFileSize + 1,
        fieldSize: multipartLimits.fieldSize + 1,
        parts: multipartLimits.parts + 1,
      },
    });
    this.#parser = parser;
    parser.on('field', (name: string | undefined, value: string | undefined, info) =>
      this.#onField(name, value, info.valueTruncated, info.mimeType),
    );
    parser.on('file', (name: string | undefined, file: Readable, info: PartInfo) => this.#onFile(name, file, info));
    parser.on('filesLimit', () => this.#exceed('LIMIT_FILES', `more than ${this.#options.maxFiles} files (maxFiles)`));
    parser.on('fieldsLimit', () => this.#exceed('LIMIT_FIELDS', `more than ${multipartLimits.fields} fields`));
    parser.on('partsLimit', () => this.#exceed('LIMIT_PARTS', `more than ${multipartLimits.parts} parts`));
    parser.on('error', (error: Error) => this.#fail(malformed(lowerFirst(error.message), error)));
    parser.on('finish', () => {
      this.#isParsed = true;
      this.#settle();
    });
    parser.on('drain', () => {
      if (!this.#isSettled) this.#stream.resume();
    });
    if (this.#stream.readableEnded) this.#onEnd();
    else if (this.#stream.destroyed) this.#onCut(this.#stream.errored);
    else this.#stream.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onCut).on('close', this.#onCut);
    return promise;
  }

  readonly #onData = (chunk: Buffer): void => {
    try {
      this.#received += chunk.length;
      if (this.#received > this.#limit.bytes) throw tooLarge(this.#limit);
      if (this.#options.upload === 'disk') notePassed(chunk.length);
      const end = this.#watch.see(chunk);
      if (this.#raw) {
        this.#share.take(chunk.length);
        this.#raw.add(chunk);
      }
      if (end > 0 && !this.#parser.write(chunk.subarray(0, end))) this.#stream.pause();
    } catch (error) {
      this.#fail(error instanceof HttpError ? error : malformed('it cannot be parsed', error));
    }
  };

  readonly #onEnd = (): void => {
    this.#detach();
    if (this.#received === 0) {
      this.#succeed();
      this.#parser.destroy();
    } else if (this.#watch.isComplete) this.#parser.end();
    else this.#fail(malformed('it ends without its final boundary'));
  };

  readonly #onCut = (error?: unknown): void => this.#fail(toBodyError(error));

  #onField(name: string | undefined, value: string | undefined, isTruncated: boolean, mimeType: string): void {
    if (!this.#admit(name, mimeType)) return;
    if (isTruncated) this.#exceed('LIMIT_FIELD_SIZE', `a field with more than ${multipartLimits.fieldSize} bytes`);
    else if (value === undefined) this.#fail(new HttpError('UNSUPPORTED_CHARSET'));
    else if (isSafeName(name)) {
      try {
        this.#share.take(Buffer.byteLength(value));
        this.#pairs.push([name, value]);
      } catch (error) {
        this.#fail(error as HttpError);
      }
    }
  }

  #onFile(name: string | undefined, file: Readable, { filename = '', encoding, mimeType }: PartInfo): void {
    // What ends a file early is reported by the parser, the request or the store.
    file.on('error', () => undefined);
    if (!this.#admit(name, mimeType)) return;
    if (filename.includes('\0')) {
      this.#fail(malformed('a file name contains a NUL character'));
      return;
    }
    if (!isSafeName(name)) {
      file.resume();
      return;
    }
    file.once('limit', () =>
      this.#exceed('LIMIT_FILE_SIZE', `a file with more than ${this.#maxFileSize} bytes (maxFileSize)`),
    );
    const originalname = originalName(filename);
    const index = this.#files.push(undefined) - 1;
    this.#storing++;
    this.#store.store(file, originalname).then(
      (stored) => {
        this.#files[index] = { fieldname: name, originalname, encoding, mimetype: mimeType, ...stored };
        this.#storing--;
        this.#settle();
      },
      (error: unknown) => this.#fail(toBodyError(error)),
    );
  }

  /** Checks what fields and files have in common. */
  #admit(name: string | undefined, mimeType: string): name is string {
    if (this.#isSettled) return false;
    this.#parts++;
    if (name === undefined || name === '') this.#fail(malformed('a part has no name'));
    else if (name.includes('\0')) this.#fail(malformed('a field name contains a NUL character'));
    else if (Buffer.byteLength(name) > multipartLimits.fieldNameSize)
      this.#exceed('LIMIT_FIELD_NAME', `a field name with more than ${multipartLimits.fieldNameSize} bytes`);
    else if (mimeType.startsWith('multipart/')) this.#fail(malformed('a part is multipart itself'));
    return !this.#isSettled;
  }

  #settle(): void {
    if (this.#isSettled || !this.#isParsed || this.#storing > 0) return;
    if (this.#parts !== this.#watch.parts) {
      this.#fail(malformed('the headers of a part cannot be read'));
      return;
    }
    this.#store.keep().then(
      () => this.#succeed(),
      (error: unknown) => this.#fail(toBodyError(error)),
    );
  }

  #succeed(): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    const fileParts = this.#files as UploadedFile[];
    const files = fileParts.filter((file) => file.originalname !== '' || file.size > 0);
    const store = this.#store;
    this.#resolve({
      value: objectOf(this.#pairs),
      pairs: this.#pairs,
      files,
      fileParts,
      ...(this.#raw && { raw: this.#raw.toBuffer() }),
      discard: () => {
        this.#share.release();
        return store instanceof DiskStore && store.isTemporary ? store.remove() : undefined;
      },
    });
  }

  #exceed(code: ErrorCode, what: string): void {
    this.#fail(new HttpError(code, { message: `The upload has ${what}.` }));
  }

  #fail(error: HttpError): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#detach();
    this.#stream.pause();
    this.#parser.destroy();
    this.#share.release();
    void this.#store.remove().then(() => this.#reject(error));
  }

  #detach(): void {
    this.#stream.off('data', this.#onData).off('end', this.#onEnd).off('error', this.#onCut).off('close', this.#onCut);
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
