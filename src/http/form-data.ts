import { type Inspect, type SafeOption, inspectSymbol } from './fields.js';
import { File, Files } from './files.js';
import { parseParameterized } from './header.js';
import { parseQueryPairs } from './query.js';
import { QueryParams } from './query-params.js';
import { parseTextForm } from './text-form.js';

/** A parsed body as far as a form needs it. */
export interface FormSource {
  /** The parsed body; read as a text/plain form when it is a string of that type. */
  readonly value?: unknown;
  /** Name and value pairs, decoded already. */
  readonly pairs?: Iterable<readonly [string, string]> | undefined;
  readonly files?: readonly unknown[] | undefined;
  /** Every file part, inputs nothing was chosen in included; taken before `files`. */
  readonly fileParts?: readonly unknown[] | undefined;
}

interface UploadShape {
  readonly fieldname: string;
  readonly originalname: string;
  readonly mimetype: string;
  readonly size: number;
  readonly buffer?: Uint8Array;
  readonly path?: string;
}

/** Characters of a text/plain body that are also read as a form: a log file is none. */
export const longestTextForm = 1024 * 1024;

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

  /**
   * @param data the text of an urlencoded or text/plain form (any other type is no form: empty), or pairs that are
   *   decoded already
   * @param contentType the Content-Type header
   * @throws HttpError TOO_MANY_PARAMETERS
   */
  constructor(data: string | Iterable<readonly [string, string]> = [], contentType = '', files = new Files()) {
    this.contentType = parseParameterized(contentType).value;
    this.#fields = new QueryParams(typeof data === 'string' ? parseForm(data, this.contentType) : data);
    this.files = files;
  }

  /** The form of a parsed body; empty when the body is no form (API row FD2). */
  static fromBody(body: FormSource | undefined, contentType = ''): FormData {
    const uploads = (body?.fileParts ?? body?.files ?? []) as readonly UploadShape[];
    const files = uploads.map(
      (upload) => [upload.fieldname, new File(upload.originalname, upload.mimetype, upload)] as const,
    );
    const text = typeof body?.value === 'string' && body.value.length <= longestTextForm ? body.value : '';
    return new FormData(body?.pairs ?? text, contentType, new Files(files));
  }

  /** The first value, or `fallback` (escaped as well). The options may come second. */
  get(name: string, options?: SafeOption): string | undefined;
  get(name: string, fallback: string, options?: SafeOption): string;
  get(name: string, fallback: string | undefined, options?: SafeOption): string | undefined;
  get(name: string, fallback?: string | SafeOption, options?: SafeOption): string | undefined {
    return this.#fields.get(name, fallback as string | undefined, options);
  }

  /** All values; [] when there is none. */
  getList(name: string, options?: SafeOption): string[] {
    return this.#fields.getList(name, options);
  }

  /** Distinct names, in order; without those of files. */
  get fields(): string[] {
    return this.#fields.fields;
  }

  keys(): string[] {
    return this.#fields.keys();
  }

  /** One [name, value] per value, grouped by name. */
  items(options?: SafeOption): [string, string][] {
    return this.#fields.items(options);
  }

  values(options?: SafeOption): string[] {
    return this.#fields.values(options);
  }

  has(name: string): boolean {
    return this.#fields.has(name);
  }

  /** Number of distinct names. */
  get size(): number {
    return this.#fields.size;
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#fields[Symbol.iterator]();
  }

  /** `name=value&…`, values escaped. */
  toString(): string {
    return this.#fields.toString();
  }

  /** Raw lists of values by name. */
  toJSON(): Record<string, string[]> {
    return this.#fields.toJSON();
  }

  [inspectSymbol](_depth: number, options: object, inspect: Inspect): string {
    return `<FormData ${inspect(this.toJSON(), options)}, files=${inspect(this.files, options)}>`;
  }
}

function parseForm(text: string, type: string): [string, string][] {
  if (type === 'application/x-www-form-urlencoded') return parseQueryPairs(text);
  return type === 'text/plain' ? parseTextForm(text) : [];
}
