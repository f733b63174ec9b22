import { HttpError } from '../errors.js';

/** Names that would reach into an object's prototype: dropped wherever a client chooses names. */
const forbidden = new Set(['__proto__', 'constructor', 'prototype']);

/** True for a name that may become a property of a plain object. */
export function isSafeName(name: string): boolean {
  return !forbidden.has(name);
}

/**
 * The pairs of a query or urlencoded form, in order, percent- and plus-decoded. A broken escape stays as it is; a part
 * without `=` has the value ''; empty parts are skipped (API rows QP1–QP4, decision D1).
 * @throws HttpError TOO_MANY_PARAMETERS past `maxParameters`
 */
export function parseQueryPairs(text: string, maxParameters = 1000): [string, string][] {
  const pairs: [string, string][] = [];
  let start = 0;
  while (start < text.length) {
    let end = text.indexOf('&', start);
    if (end < 0) end = text.length;
    if (end > start) {
      if (pairs.length >= maxParameters) throw new HttpError('TOO_MANY_PARAMETERS');
      const mark = text.indexOf('=', start);
      const split = mark < 0 || mark > end ? end : mark;
      pairs.push([decode(text.slice(start, split)), split < end ? decode(text.slice(split + 1, end)) : '']);
    }
    start = end + 1;
  }
  return pairs;
}

/**
 * A query or urlencoded form as a plain object: a repeated name is an array, nothing nests, `__proto__` and the like
 * are dropped.
 * @throws HttpError TOO_MANY_PARAMETERS
 */
export function parseQuery(text: string, maxParameters = 1000): Record<string, string | string[]> {
  return text === '' ? {} : objectOf(parseQueryPairs(text, maxParameters));
}

/** Pairs as a plain object: a repeated name is an array, unsafe names are dropped. */
export function objectOf(pairs: readonly (readonly [string, string])[]): Record<string, string | string[]> {
  const out: Record<string, string | string[]> = {};
  for (const [name, value] of pairs) {
    if (!isSafeName(name)) continue;
    const before = Object.hasOwn(out, name) ? out[name] : undefined;
    if (before === undefined) out[name] = value;
    else if (typeof before === 'string') out[name] = [before, value];
    else before.push(value);
  }
  return out;
}

function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    // Decode what can be decoded; a broken or non-UTF-8 escape stays visible.
    return spaced.replace(/(?:%[\da-f]{2})+/gi, (run) => {
      try {
        return decodeURIComponent(run);
      } catch {
        return run;
      }
    });
  }
}
