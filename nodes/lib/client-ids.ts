/** `msg.client` or `msg.except`: one id or a list; undefined when there is none. */
export function clientIds(value: unknown): string | string[] | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  return Array.isArray(value) ? value.map(String) : String(value);
}
