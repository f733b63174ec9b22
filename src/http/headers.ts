import { HttpError } from '../errors.js';
import { FieldStore, type Inspect, inspectSymbol } from './fields.js';
import { isHeaderValue, isToken, parseParameterized, splitParameters, unquote } from './header.js';

/** Values by name; a list is several lines of that name. */
type HeaderValues = Readonly<Record<string, string | readonly string[]>>;

/** What headers are made from: lines of `Name: value`, an object, or other headers. */
export type HeaderSource = string | HeaderValues | Headers;

/** Header fields by name, any case; several values per name (API rows HD1–HD15). */
export class Headers implements Iterable<string> {
  readonly #store = new FieldStore<string>();

  /**
   * @param source lines of `Name: value`, an object, or other headers
   * @throws HttpError INVALID_HEADER
   */
  constructor(source: HeaderSource = {}) {
    if (typeof source === 'string') {
      for (const line of source.split(/\r?\n/)) if (line.trim() !== '') this.#addLine(line);
    } else if (source instanceof Headers) {
      for (const name of source.keys()) this.#store.set(name, source.getList(name));
    } else {
      for (const [name, value] of Object.entries(source)) for (const one of listOf(value)) this.add(name, one);
    }
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

  /** Replaces all values by one or by a list. @throws HttpError INVALID_HEADER */
  set(name: string, value: string | readonly string[]): void {
    const key = checkName(name);
    this.#store.set(
      key,
      listOf(value).map((one) => checkValue(name, one)),
    );
  }

  /** Sets a value if there is none. @returns all values */
  setDefault(name: string, value: string): string[] {
    if (!this.has(name)) this.set(name, value);
    return this.getList(name);
  }

  /** Replaces each named header. @throws HttpError INVALID_HEADER */
  update(values: HeaderValues | Headers): void {
    if (values instanceof Headers) for (const name of values.keys()) this.#store.set(name, values.getList(name));
    else for (const [name, value] of Object.entries(values)) this.set(name, value);
  }

  /** @returns false when there was none */
  delete(name: string): boolean {
    return this.#store.delete(name.toLowerCase());
  }

  /** The first value, or `fallback`. */
  get(name: string): string | undefined;
  get(name: string, fallback: string): string;
  get(name: string, fallback?: string): string | undefined;
  get(name: string, fallback?: string): string | undefined {
    return this.#store.first(name.toLowerCase()) ?? fallback;
  }

  /** All values; [] when there is none. */
  getList(name: string): string[] {
    return this.#store.all(name.toLowerCase());
  }

  /** The part before the first `;`, trimmed and unquoted (API row HD7). */
  getDirective(name: string, fallback?: string): string | undefined {
    const value = this.get(name);
    return value === undefined ? fallback : unquote(splitParameters(value)[0]);
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

  /** An independent copy, several values of a name kept. */
  copy(): Headers {
    return new Headers(this);
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#store.names()[Symbol.iterator]();
  }

  /** Lines of `name: value`, one per value, without a line break at the end. */
  toString(): string {
    return this.items()
      .map(([name, value]) => `${name}: ${value}`)
      .join('\r\n');
  }

  /** Values by lower-case name; several as an array. */
  toJSON(): Record<string, string | string[]> {
    const out: Record<string, string | string[]> = {};
    for (const [name, values] of Object.entries(this.#store.toJSON()))
      out[name] = values.length === 1 ? (values[0] ?? '') : values;
    return out;
  }

  [inspectSymbol](_depth: number, options: object, inspect: Inspect): string {
    return `<Headers ${inspect(this.#store.toJSON(), options)}>`;
  }

  #addLine(line: string): void {
    const mark = line.indexOf(':');
    if (mark < 1)
      throw new HttpError('INVALID_HEADER', {
        message: `The header line ${JSON.stringify(line.slice(0, 60))} has no name and colon.`,
      });
    this.add(line.slice(0, mark), line.slice(mark + 1).trim());
  }
}

// Anything but a list is one value, whatever the types say: flows pass numbers.
function listOf(value: string | readonly string[]): readonly string[] {
  return Array.isArray(value) ? (value as readonly string[]) : [value as string];
}

function checkName(name: string): string {
  if (!isToken(name))
    throw new HttpError('INVALID_HEADER', {
      message: `The header name ${JSON.stringify(name.slice(0, 60))} is not valid.`,
    });
  return name.toLowerCase();
}

function checkValue(name: string, value: unknown): string {
  const text = String(value);
  if (value == null || !isHeaderValue(text))
    throw new HttpError('INVALID_HEADER', {
      message: `The header ${name} contains a line break or another character that a header cannot carry.`,
    });
  return text;
}
