import { FieldStore, type Inspect, type SafeOption, escapeHtml, inspectSymbol } from './fields.js';
import { parseQueryPairs } from './query.js';

/**
 * Named text values a client sent: the operations that queries and forms share (API rows FS1–FS9, QP1–QP5).
 *
 * **Security:** `get`, `getList`, `items`, `values` and `toString` escape HTML unless `{safe: false}`; names are never
 * escaped.
 */
export class QueryParams implements Iterable<string> {
  readonly #store = new FieldStore<string>();

  /**
   * @param source the query as sent, without `?`, or pairs that are decoded already
   * @throws HttpError TOO_MANY_PARAMETERS
   */
  constructor(source: string | Iterable<readonly [string, string]> = '', maxParameters?: number) {
    for (const [name, value] of typeof source === 'string' ? parseQueryPairs(source, maxParameters) : source)
      this.#store.add(name, value);
  }

  /** The first value, or `fallback` (which is escaped as well, as the API has it). The options may come second. */
  get(name: string, options?: SafeOption): string | undefined;
  get(name: string, fallback: string, options?: SafeOption): string;
  get(name: string, fallback: string | undefined, options?: SafeOption): string | undefined;
  get(name: string, fallback?: string | SafeOption, options?: SafeOption): string | undefined {
    const hasFallback = typeof fallback === 'string';
    const value = this.#store.first(name) ?? (hasFallback ? fallback : undefined);
    const { safe = true } = options ?? (hasFallback ? {} : (fallback ?? {}));
    return value !== undefined && safe ? escapeHtml(value) : value;
  }

  /** All values; [] when there is none. */
  getList(name: string, { safe = true }: SafeOption = {}): string[] {
    const values = this.#store.all(name);
    return safe ? values.map(escapeHtml) : values;
  }

  /** Distinct names, in order. */
  get fields(): string[] {
    return this.#store.names();
  }

  keys(): string[] {
    return this.#store.names();
  }

  /** One [name, value] per value, grouped by name. */
  items({ safe = true }: SafeOption = {}): [string, string][] {
    const pairs = this.#store.pairs();
    if (safe) for (const pair of pairs) pair[1] = escapeHtml(pair[1]);
    return pairs;
  }

  values(options?: SafeOption): string[] {
    return this.items(options).map(([, value]) => value);
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

  /** `name=value&…`, values escaped (API row QP5). */
  toString(): string {
    return this.items()
      .map(([name, value]) => `${name}=${value}`)
      .join('&');
  }

  /** Raw lists of values by name. */
  toJSON(): Record<string, string[]> {
    return this.#store.toJSON();
  }

  [inspectSymbol](_depth: number, options: object, inspect: Inspect): string {
    return `<QueryParams ${inspect(this.toJSON(), options)}>`;
  }
}
