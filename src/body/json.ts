import { HttpError } from '../errors.js';

/** What a text must contain to hold a forbidden key at all; `\u` may spell any of them. */
const suspicious = /__proto__|constructor|\\u00/i;

/**
 * Any JSON value.
 *
 * **Security:** a `__proto__` key, or a `constructor` object with a `prototype` key, is refused wherever it stands:
 * code that merges such objects would change every object's prototype.
 * @throws HttpError BAD_JSON, FORBIDDEN_KEY
 */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new HttpError('BAD_JSON', { cause });
  }
  if (suspicious.test(text) && hasForbiddenKey(value)) throw new HttpError('FORBIDDEN_KEY');
  return value;
}

function hasForbiddenKey(root: unknown): boolean {
  // An explicit stack: the depth is the client's choice.
  const stack: unknown[] = [root];
  while (stack.length > 0) {
    const value = stack.pop();
    if (typeof value !== 'object' || value === null) continue;
    if (Object.hasOwn(value, '__proto__')) return true;
    const inner: unknown = Object.hasOwn(value, 'constructor')
      ? (value as { constructor: unknown }).constructor
      : undefined;
    if (typeof inner === 'object' && inner !== null && Object.hasOwn(inner, 'prototype')) return true;
    for (const child of Object.values(value)) if (typeof child === 'object' && child !== null) stack.push(child);
  }
  return false;
}
