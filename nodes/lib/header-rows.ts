import type { HeaderRow } from './setting-field.js';

/** Header rows by name: a name that comes more than once, in whatever case, is one field with several lines. */
export function groupHeaders(rows: readonly HeaderRow[]): [name: string, value: string | string[]][] {
  const fields = new Map<string, [name: string, values: string[]]>();
  for (const { name, value } of rows) {
    const known = fields.get(name.toLowerCase());
    if (known) known[1].push(value);
    else fields.set(name.toLowerCase(), [name, [value]]);
  }
  return [...fields.values()].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]);
}
