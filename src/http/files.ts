import { FieldStore, type Inspect, inspectSymbol } from './fields.js';
import { parseParameterized } from './header.js';

/** What a {@link File} is made from: the bytes, or where they lie. */
export interface FileSource {
  readonly buffer?: Uint8Array | undefined;
  readonly path?: string | undefined;
  /** Bytes; the length of `buffer` when left out. */
  readonly size?: number | undefined;
}

/** An uploaded file as the API sees it (API row FD11). */
export class File {
  /** The name the client gave, without folders; '' for a file input nothing was chosen in. */
  readonly filename: string;
  readonly contentType: string;
  /** Always the bytes as sent; undefined for an upload on disk. */
  readonly contentBytes: Uint8Array | undefined;
  /** Bytes. */
  readonly size: number;
  /** Where an upload on disk lies. */
  readonly path: string | undefined;

  constructor(filename: string, contentType: string, { buffer, path, size }: FileSource = {}) {
    this.filename = filename;
    this.contentType = contentType;
    this.contentBytes = buffer;
    this.size = size ?? buffer?.length ?? 0;
    this.path = path;
  }

  /** Text for text/plain (in its charset; UTF-8 when it names none or an unknown one), else the bytes; undefined on disk. */
  get content(): string | Uint8Array | undefined {
    const { value, parameters } = parseParameterized(this.contentType);
    if (value !== 'text/plain' || !this.contentBytes) return this.contentBytes;
    try {
      return new TextDecoder(parameters['charset']).decode(this.contentBytes);
    } catch {
      return new TextDecoder().decode(this.contentBytes);
    }
  }

  /** What the file is, without its bytes. */
  toJSON(): Record<string, unknown> {
    const { filename, contentType, size, path } = this;
    return { filename, contentType, size, ...(path !== undefined && { path }) };
  }

  [inspectSymbol](_depth: number, options: object, inspect: Inspect): string {
    const { filename, contentType, size } = this;
    return `<File filename=${inspect(filename, options)}, contentType=${inspect(contentType, options)}, size=${size}>`;
  }
}

/** Uploaded files by field name, nothing escaped (API row FD10). */
export class Files implements Iterable<string> {
  readonly #store = new FieldStore<File>();

  constructor(files: Iterable<readonly [string, File]> = []) {
    for (const [name, file] of files) this.#store.add(name, file);
  }

  /** The first file of a field, or `fallback`. */
  get(name: string, fallback?: File): File | undefined {
    return this.#store.first(name) ?? fallback;
  }

  /** All files of a field, for inputs that take several. */
  getList(name: string): File[] {
    return this.#store.all(name);
  }

  get fields(): string[] {
    return this.#store.names();
  }

  keys(): string[] {
    return this.#store.names();
  }

  /** One [name, file] per file, grouped by name. */
  items(): [string, File][] {
    return this.#store.pairs();
  }

  values(): File[] {
    return this.#store.pairs().map(([, file]) => file);
  }

  has(name: string): boolean {
    return this.#store.has(name);
  }

  /** Number of distinct names. */
  get size(): number {
    return this.#store.size;
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#store.names()[Symbol.iterator]();
  }

  toJSON(): Record<string, File[]> {
    return this.#store.toJSON();
  }

  [inspectSymbol](_depth: number, options: object, inspect: Inspect): string {
    return `<Files ${inspect(this.toJSON(), options)}>`;
  }
}
