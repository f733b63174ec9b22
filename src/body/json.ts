import { HttpError } from '../errors.js';

/** Levels a JSON body may nest: what comes after us copies and prints it by recursion. */
export const maxJsonDepth = 1000;

/** What a text must contain to hold a forbidden key at all; an escape may spell any of its letters. */
const suspicious = /__proto__|constructor|\\u00(?:5[fF]|[67])/;

/**
 * Any JSON value.
 *
 * **Security:** a `__proto__` key, or a `constructor` object with a `prototype` key, is refused wherever it stands:
 * code that merges such objects would change every object's prototype. No text of the body is in an error's message.
 * @param bytes the text in UTF-8, where they are at hand
 * @throws HttpError BAD_JSON, also for more than {@link maxJsonDepth} levels; FORBIDDEN_KEY
 */
export function parseJson(text: string, bytes?: Buffer): unknown {
  // A text shorter than its brackets would be cannot be too deep.
  if (text.length > 2 * maxJsonDepth && isDeeper(bytes ?? Buffer.from(text), maxJsonDepth))
    throw new HttpError('BAD_JSON', { message: `The JSON of the body nests deeper than ${maxJsonDepth} levels.` });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new HttpError('BAD_JSON', { cause });
  }
  if (suspicious.test(text) && hasForbiddenKey(value)) throw new HttpError('FORBIDDEN_KEY');
  return value;
}

/** Bytes are read at half the cost of characters; of UTF-8 those of other characters are never brackets or quotes. */
function isDeeper(bytes: Buffer, limit: number): boolean {
  let depth = 0;
  for (let index = 0; index < bytes.length; index++) {
    switch (bytes[index]) {
      case 0x22: // a string: on to its end
        while (++index < bytes.length && bytes[index] !== 0x22) if (bytes[index] === 0x5c) index++;
        break;
      case 0x5b: // [
      case 0x7b: // {
        if (++depth > limit) return true;
        break;
      case 0x5d:
      case 0x7d:
        depth--;
        break;
    }
  }
  return false;
}

function hasForbiddenKey(root: unknown): boolean {
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
