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
    return [...this.#fields].flatMap(([name, values]) => values.map((value): [string, V] => [name, value]));
  }
}

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
