import { FieldStore } from './fields.js';

/** An uploaded file as the API sees it (API row FD11). */
export class File {
  readonly filename: string;
  readonly contentType: string;
  /** Text for text/plain, else the bytes; undefined for an upload on disk. */
  readonly content: string | Buffer | undefined;
  /** Always the bytes as sent; undefined for an upload on disk. */
  readonly contentBytes: Buffer | undefined;
  /** Bytes. */
  readonly size: number;
  /** Where an upload on disk lies. */
  readonly path: string | undefined;

  constructor(
    filename: string,
    contentType: string,
    source: { buffer?: Buffer | undefined; path?: string | undefined; size?: number },
  ) {
    this.filename = filename;
    this.contentType = contentType;
    this.contentBytes = source.buffer;
    this.content = /^text\/plain\b/i.test(contentType) ? source.buffer?.toString('utf8') : source.buffer;
    this.size = source.size ?? source.buffer?.length ?? 0;
    this.path = source.path;
  }
}

/** Uploaded files by field name (API row FD10). */
export class Files implements Iterable<string> {
  readonly #store = new FieldStore<File>();

  constructor(files: Iterable<readonly [string, File]> = []) {
    for (const [name, file] of files) this.#store.add(name, file);
  }

  get(name: string, fallback?: File): File | undefined {
    return this.#store.first(name) ?? fallback;
  }

  getList(name: string): File[] {
    return this.#store.all(name);
  }

  get fields(): string[] {
    return this.#store.names();
  }

  keys(): string[] {
    return this.#store.names();
  }

  items(): [string, File][] {
    return this.#store.pairs();
  }

  values(): File[] {
    return this.#store.pairs().map(([, file]) => file);
  }

  has(name: string): boolean {
    return this.#store.has(name);
  }

  get size(): number {
    return this.#store.size;
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#store.names()[Symbol.iterator]();
  }
}
