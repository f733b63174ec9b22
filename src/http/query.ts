import { HttpError } from '../errors.js';

/** Parameters a query or form may have by default. */
export const defaultMaxParameters = 1000;

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
export function parseQueryPairs(text: string, maxParameters = defaultMaxParameters): [string, string][] {
  const pairs: [string, string][] = [];
  // The next "=" is searched once, not once per part: parts without one must not make this quadratic.
  let mark = -1;
  for (let start = 0, end: number; start < text.length; start = end + 1) {
    end = text.indexOf('&', start);
    if (end < 0) end = text.length;
    if (end === start) continue;
    if (pairs.length >= maxParameters)
      throw new HttpError('TOO_MANY_PARAMETERS', {
        message: `The query or form has more than ${maxParameters} parameters.`,
      });
    if (mark < start) {
      mark = text.indexOf('=', start);
      if (mark < 0) mark = text.length;
    }
    pairs.push(
      mark < end
        ? [decodeFormText(text.slice(start, mark)), decodeFormText(text.slice(mark + 1, end))]
        : [decodeFormText(text.slice(start, end)), ''],
    );
  }
  return pairs;
}

/**
 * A query or urlencoded form as an ordinary object: a repeated name is an array, nothing nests, `__proto__` and the
 * like are dropped.
 * @throws HttpError TOO_MANY_PARAMETERS
 */
export function parseQuery(text: string, maxParameters = defaultMaxParameters): Record<string, string | string[]> {
  return text === '' ? {} : objectOf(parseQueryPairs(text, maxParameters));
}

/** Pairs as an ordinary object: a repeated name is an array, unsafe names are dropped. */
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

/** Percent- and plus-decodes a name or value of a form (URL Standard 5.1); a broken or non-UTF-8 escape stays visible. */
export function decodeFormText(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced.replace(/(?:%[\da-f]{2})+/gi, (run) => {
      try {
        return decodeURIComponent(run);
      } catch {
        return run;
      }
    });
  }
}
