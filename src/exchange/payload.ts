import { types } from 'node:util';
import { HttpError } from '../errors.js';

/** How `http-server-response` turns a payload into bytes. */
export type PayloadMode = 'auto' | 'json' | 'text';

/** Bytes and the media type they have unless the flow names one. */
export interface EncodedPayload {
  readonly body: string | Buffer | undefined;
  readonly contentType: string | undefined;
}

const jsonType = 'application/json; charset=utf-8';
const htmlType = 'text/html; charset=utf-8';
const textType = 'text/plain; charset=utf-8';

/**
 * A payload as bytes. "auto": string, number, boolean → text/html (as the core node); object and null → JSON;
 * undefined → empty; Buffer and typed arrays → octet-stream. "json": everything as JSON. "text": text/plain, objects
 * as JSON text. Streams and iterables are not for this function: see {@link isStreamable}.
 * @throws HttpError INVALID_PAYLOAD for what has no text (a cycle, a function, a symbol)
 */
export function encodePayload(payload: unknown, mode: PayloadMode): EncodedPayload {
  if (payload === undefined) return { body: undefined, contentType: undefined };
  if (mode === 'json') return { body: encodeJson(payload), contentType: jsonType };
  const bytes = bytesOf(payload);
  if (bytes) return { body: bytes, contentType: mode === 'text' ? textType : 'application/octet-stream' };
  switch (typeof payload) {
    case 'string':
      return { body: payload, contentType: mode === 'text' ? textType : htmlType };
    case 'number':
    case 'boolean':
    case 'bigint':
      return { body: String(payload), contentType: mode === 'text' ? textType : htmlType };
    default:
      return { body: encodeJson(payload), contentType: mode === 'text' ? textType : jsonType };
  }
}

/** The bytes of a Buffer, typed array, DataView or ArrayBuffer, without a copy; undefined for anything else. */
export function bytesOf(value: unknown): Buffer | undefined {
  if (Buffer.isBuffer(value)) return value;
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (types.isAnyArrayBuffer(value)) return Buffer.from(value);
  return undefined;
}

/** True for payloads that are sent piece by piece: Node and web streams, and (async) iterables that are no data. */
export function isStreamable(payload: unknown): payload is AsyncIterable<unknown> | Iterable<unknown> {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload) || bytesOf(payload)) return false;
  const value = payload as { [Symbol.asyncIterator]?: unknown; [Symbol.iterator]?: unknown };
  if (typeof value[Symbol.asyncIterator] === 'function') return true;
  // Map, Set and String objects are data, however iterable they are.
  return (
    typeof value[Symbol.iterator] === 'function' &&
    !types.isMap(payload) &&
    !types.isSet(payload) &&
    !types.isBoxedPrimitive(payload)
  );
}

function encodeJson(payload: unknown): string {
  let text: unknown;
  try {
    text = JSON.stringify(payload);
  } catch (cause) {
    throw new HttpError('INVALID_PAYLOAD', {
      message: `The payload cannot be written as JSON: ${firstLine(cause)}`,
      cause,
    });
  }
  // A function or symbol has no JSON text, whatever the typings say.
  if (typeof text !== 'string')
    throw new HttpError('INVALID_PAYLOAD', { message: `A ${typeof payload} cannot be written as JSON.` });
  return text;
}

function firstLine(error: unknown): string {
  return errorText(error).split('\n', 1)[0] ?? '';
}

/** What an error says; one of a function node, too, whose `Error` is another than ours. */
export function errorText(error: unknown): string {
  return types.isNativeError(error) ? error.message : String(error);
}
