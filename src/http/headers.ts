import { FieldStore } from './fields.js';
import { isHeaderValue, isToken, parseParameterized } from './header.js';
import { HttpError } from '../errors.js';

type HeaderSource = string | Readonly<Record<string, string | readonly string[]>> | Headers;

/** Header fields by name, any case; several values per name (API rows HD1–HD15). */
export class Headers implements Iterable<string> {
  readonly #store = new FieldStore<string>();

  /**
   * @param source lines of `Name: value`, an object, or other headers
   * @throws HttpError INVALID_HEADER
   */
  constructor(source: HeaderSource = {}) {
    if (typeof source === 'string') {
      for (const line of source.split(/\r?\n/)) {
        if (line.trim() === '') continue;
        const mark = line.indexOf(':');
        if (mark < 1)
          throw new HttpError('INVALID_HEADER', {
            message: `The header line ${JSON.stringify(line.slice(0, 60))} has no name and colon.`,
          });
        this.add(line.slice(0, mark), line.slice(mark + 1).trim());
      }
    } else if (source instanceof Headers) for (const [name, value] of source.items()) this.add(name, value);
    else
      for (const [name, value] of Object.entries(source))
        for (const one of Array.isArray(value) ? (value as readonly string[]) : [value as string]) this.add(name, one);
  }

  /** From Node's flat list of names and values: nothing merged, nothing dropped. */
  static fromRaw(raw: readonly string[]): Headers {
    const headers = new Headers();
    for (let index = 0; index + 1 < raw.length; index += 2)
      headers.#store.add((raw[index] ?? '').toLowerCase(), raw[index + 1] ?? '');
    return headers;
  }

  /** Adds one more value. @throws HttpError INVALID_HEADER */
  add(name: string, value: string): void {
    this.#store.add(checkName(name), checkValue(name, value));
  }

  /** Replaces all values. @throws HttpError INVALID_HEADER */
  set(name: string, value: string): void {
    this.#store.set(checkName(name), [checkValue(name, value)]);
  }

  /** Sets a value if there is none. @returns all values */
  setDefault(name: string, value: string): string[] {
    if (!this.has(name)) this.set(name, value);
    return this.getList(name);
  }

  /** Replaces each named header. */
  update(values: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(values)) this.set(name, value);
  }

  /** @returns false when there was none */
  delete(name: string): boolean {
    return this.#store.delete(name.toLowerCase());
  }

  get(name: string, fallback?: string): string | undefined {
    return this.#store.first(name.toLowerCase()) ?? fallback;
  }

  getList(name: string): string[] {
    return this.#store.all(name.toLowerCase());
  }

  /** The part before the first `;`, trimmed and unquoted (API row HD7). */
  getDirective(name: string, fallback?: string): string | undefined {
    const value = this.get(name);
    if (value === undefined) return fallback;
    const mark = value.indexOf(';');
    return (mark < 0 ? value : value.slice(0, mark)).trim().replace(/^"(.*)"$/, '$1');
  }

  /** A parameter by name, any case, unquoted and decoded (API row HD8, RFC 9110 5.6.6, RFC 5987). */
  getParameter(name: string, parameter: string, fallback?: string): string | undefined {
    const value = this.get(name);
    return value === undefined ? fallback : (parseParameterized(value).parameters[parameter.toLowerCase()] ?? fallback);
  }

  has(name: string): boolean {
    return this.#store.has(name.toLowerCase());
  }

  get size(): number {
    return this.#store.size;
  }

  /** Distinct names, lower-case. */
  get fields(): string[] {
    return this.#store.names();
  }

  keys(): string[] {
    return this.#store.names();
  }

  items(): [string, string][] {
    return this.#store.pairs();
  }

  values(): string[] {
    return this.#store.pairs().map(([, value]) => value);
  }

  copy(): Headers {
    return new Headers(this);
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#store.names()[Symbol.iterator]();
  }

  /** Values by lower-case name; several as an array. */
  toJSON(): Record<string, string | string[]> {
    return Object.fromEntries(
      this.#store.names().map((name) => {
        const values = this.#store.all(name);
        return [name, values.length === 1 ? (values[0] ?? '') : values];
      }),
    );
  }
}

function checkName(name: string): string {
  if (!isToken(name))
    throw new HttpError('INVALID_HEADER', {
      message: `The header name ${JSON.stringify(name.slice(0, 60))} is not valid.`,
    });
  return name.toLowerCase();
}

function checkValue(name: string, value: string): string {
  if (!isHeaderValue(value))
    throw new HttpError('INVALID_HEADER', {
      message: `The header ${name} contains a line break or another character that a header cannot carry.`,
    });
  return value;
}
