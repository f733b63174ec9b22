/**
 * The mark of the core `http request` node: it puts `x-node-red-request-node` into `msg.headers`, a hash of all the
 * headers it received. Headers whose hash still fits were not meant as an answer and must not be replayed to a client.
 */

const markName = 'x-node-red-request-node';

/** The headers a flow means to send: none when they are all left over from a request the flow made. */
export function withoutLeftovers(headers: Record<string, unknown>): Record<string, unknown> {
  if (!Object.hasOwn(headers, markName)) return headers;
  const { [markName]: mark, ...rest } = headers;
  return markOf(rest) === mark ? {} : rest;
}

/** The hash the core node writes: that of the `hash-sum` package, for objects of text and lists of text. */
export function markOf(headers: Record<string, unknown>): string {
  return hashValue(0, headers, '').toString(16).padStart(8, '0');
}

function hashText(hash: number, text: string): number {
  if (text === '') return hash;
  let sum = hash;
  for (let index = 0; index < text.length; index += 1) sum = ((sum << 5) - sum + text.charCodeAt(index)) | 0;
  return sum < 0 ? sum * -2 : sum;
}

function hashValue(start: number, value: unknown, key: string): number {
  const hash = hashText(hashText(hashText(start, key), Object.prototype.toString.call(value)), typeof value);
  if (value === null || value === undefined) return hashText(hash, String(value));
  if (typeof value !== 'object') return hashText(hash, String(value));
  const fields = value as Record<string, unknown>;
  const inner = Object.keys(fields)
    .sort()
    .reduce((sum, name) => hashValue(sum, fields[name], name), hash);
  return hashText(inner, Array.isArray(value) ? value.join(',') : '[object Object]');
}
