import type { SafeOption } from './fields.js';
import { File, Files } from './files.js';
import { parseParameterized } from './header.js';
import { QueryParams } from './query-params.js';

/** What a form is made from: pairs that are decoded already, and uploaded files. */
export interface FormSource {
  readonly pairs?: readonly (readonly [string, string])[] | undefined;
  readonly files?: readonly unknown[] | undefined;
}

interface UploadShape {
  readonly fieldname: string;
  readonly originalname: string;
  readonly mimetype: string;
  readonly size: number;
  readonly buffer?: Buffer;
  readonly path?: string;
}

/**
 * The fields and files of a form (API rows FD1–FD13), whatever the method. Text operations are those of
 * {@link QueryParams} and escape HTML alike.
 */
export class FormData implements Iterable<string> {
  readonly #fields: QueryParams;
  /** Uploaded files by field name. */
  readonly files: Files;
  /** The media type of the form, without parameters; '' when there was none. */
  readonly contentType: string;

  constructor(pairs: readonly (readonly [string, string])[] = [], files = new Files(), contentType = '') {
    this.#fields = new QueryParams(pairs);
    this.files = files;
    this.contentType = contentType;
  }

  /** The form of a parsed body; empty when the body is no form (API row FD2). */
  static fromBody(body: FormSource | undefined, contentType: string | undefined): FormData {
    const uploads = (body?.files ?? []) as readonly UploadShape[];
    const files = uploads.map(
      (upload) => [upload.fieldname, new File(upload.originalname, upload.mimetype, upload)] as const,
    );
    return new FormData(body?.pairs ?? [], new Files(files), parseParameterized(contentType ?? '').value);
  }

  get(name: string, fallback?: string, options?: SafeOption): string | undefined {
    return this.#fields.get(name, fallback, options);
  }

  getList(name: string, options?: SafeOption): string[] {
    return this.#fields.getList(name, options);
  }

  get fields(): string[] {
    return this.#fields.fields;
  }

  keys(): string[] {
    return this.#fields.keys();
  }

  items(options?: SafeOption): [string, string][] {
    return this.#fields.items(options);
  }

  values(options?: SafeOption): string[] {
    return this.#fields.values(options);
  }

  has(name: string): boolean {
    return this.#fields.has(name);
  }

  get size(): number {
    return this.#fields.size;
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#fields[Symbol.iterator]();
  }

  toString(): string {
    return this.#fields.toString();
  }

  toJSON(): Record<string, string[]> {
    return this.#fields.toJSON();
  }
}
