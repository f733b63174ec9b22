import { isSafeName } from './query.js';

/** Ordered name → values storage that all field containers of the API share (API row FS1). */
export class FieldStore<V> {
  readonly #fields = new Map<string, V[]>();

  add(name: string, value: V): void {
    const values = this.#fields.get(name);
    if (values) values.push(value);
    else this.#fields.set(name, [value]);
  }

  set(name: string, values: V[]): void {
    this.#fields.set(name, values);
  }

  delete(name: string): boolean {
    return this.#fields.delete(name);
  }

  has(name: string): boolean {
    return this.#fields.has(name);
  }

  first(name: string): V | undefined {
    return this.#fields.get(name)?.[0];
  }

  all(name: string): V[] {
    return [...(this.#fields.get(name) ?? [])];
  }

  /** Distinct names. */
  get size(): number {
    return this.#fields.size;
  }

  names(): string[] {
    return [...this.#fields.keys()];
  }

  /** One pair per value, grouped by name. */
  pairs(): [string, V][] {
    const out: [string, V][] = [];
    for (const [name, values] of this.#fields) for (const value of values) out.push([name, value]);
    return out;
  }

  /** Lists of values by name as an ordinary object; names that reach into its prototype are left out. */
  toJSON(): Record<string, V[]> {
    const out: Record<string, V[]> = {};
    for (const [name, values] of this.#fields) if (isSafeName(name)) out[name] = [...values];
    return out;
  }
}

/** The method `util.inspect`, and so a debugger or a log, calls to print an object. */
export const inspectSymbol: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

/** Prints a nested value with the options of the print under way. */
export type Inspect = (value: unknown, options: object) => string;

/** Read options of the containers whose values come from a page's visitor. */
export interface SafeOption {
  /** False gives the raw value instead of the HTML-escaped one. Default true. */
  readonly safe?: boolean;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** `& < > " '` as entities (API row FS9): safe in HTML text and quoted attributes, nowhere else. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
