import { HttpError } from '../errors.js';

/** One server-sent event, or a part of one: whatever is missing is not written. */
export interface ServerSentEvent {
  /** Text; a Buffer is UTF-8 text; everything else is written as JSON. `''` is an event with empty data. */
  readonly data?: unknown;
  /** The event type. Missing or `''`: the client dispatches `message`. */
  readonly event?: string | undefined;
  /** What the client sends back as `Last-Event-ID`; 0 is an id, `''` is none. At most {@link maxIdLength} characters. */
  readonly id?: string | number | undefined;
  /** Milliseconds the client waits before it reconnects; 0 is a value. */
  readonly retry?: string | number | undefined;
  /** Text that clients ignore. */
  readonly comment?: string | number | undefined;
  /** Further fields by name. Clients that do not know them ignore them. */
  readonly fields?: Readonly<Record<string, unknown>> | undefined;
}

/** The longest event id, in characters, that is sent or accepted back. */
export const maxIdLength = 256;

const lineBreak = /\r\n|\r|\n/;
const reservedFields = new Set(['data', 'event', 'id', 'retry']);

/**
 * One event in the format of the HTML Standard, section 9.2.5 (API row SS2): comment, data, event, id, retry, further
 * fields, blank line. Every line of the data, of the comment and of a further field is a field of its own.
 * Returns `''` when the event holds nothing at all.
 *
 * **Security:** a line break in an event type, id or field name would let its author write fields or whole events of
 * his own, so it is refused, not removed.
 * @throws HttpError INVALID_PAYLOAD that names what cannot be sent
 */
export function encodeEvent(event: ServerSentEvent): string {
  let text = '';
  if (isGiven(event.comment)) text += encodeLines('', String(event.comment));
  if (event.data !== undefined) text += encodeLines('data', encodeData(event.data));
  if (isGiven(event.event)) text += `event: ${singleLine('event', event.event)}\n`;
  if (isGiven(event.id)) text += `id: ${eventId(event.id)}\n`;
  if (isGiven(event.retry)) text += encodeRetry(event.retry);
  if (event.fields !== undefined) {
    for (const [name, value] of Object.entries(event.fields)) {
      if (value !== undefined) text += encodeLines(fieldName(name), encodeData(value));
    }
  }
  return text === '' ? '' : `${text}\n`;
}

/** A `retry` field with its line break. @throws HttpError INVALID_PAYLOAD */
export function encodeRetry(retry: string | number): string {
  // The standard has clients ignore anything but ASCII digits: better said than lost.
  const digits = String(retry);
  if (!/^\d{1,15}$/.test(digits)) throw invalid('retry must be a whole number of milliseconds');
  return `retry: ${digits}\n`;
}

/** An id as text. @throws HttpError INVALID_PAYLOAD for a line break, a NUL (clients would ignore the id) or too long */
export function eventId(id: string | number): string {
  const text = singleLine('id', id);
  if (text.includes('\0')) throw invalid('id must not contain a NUL character');
  if (text.length > maxIdLength) throw invalid(`id must not be longer than ${maxIdLength} characters`);
  return text;
}

function encodeData(data: unknown): string {
  if (typeof data === 'string') return data;
  if (data instanceof Uint8Array) return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8');
  // The typings leave out that functions and symbols have no JSON.
  let text: unknown;
  try {
    text = JSON.stringify(data);
  } catch (cause) {
    throw new HttpError('INVALID_PAYLOAD', { message: 'The event cannot be sent: its data is not valid JSON.', cause });
  }
  if (typeof text !== 'string') throw invalid(`data must not be a ${typeof data}`);
  return text;
}

function encodeLines(name: string, text: string): string {
  const prefix = `${name}: `;
  if (!text.includes('\n') && !text.includes('\r')) return `${prefix}${text}\n`;
  return `${prefix}${text.split(lineBreak).join(`\n${prefix}`)}\n`;
}

function fieldName(name: string): string {
  if (name === '') throw invalid('a field name must not be empty');
  if (/[\r\n\0:]/.test(name)) throw invalid('a field name must not contain a line break, a NUL or a colon');
  if (reservedFields.has(name)) throw invalid(`a further field must not be named "${name}"`);
  return name;
}

function singleLine(what: string, value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number') throw invalid(`${what} must be a string or a number`);
  const text = String(value);
  if (text.includes('\n') || text.includes('\r')) throw invalid(`${what} must not contain a line break`);
  return text;
}

/** A flow's way of saying nothing is missing, null or empty text alike. */
function isGiven<T>(value: T | null | undefined | ''): value is Exclude<T, null | undefined | ''> {
  return value !== undefined && value !== null && value !== '';
}

function invalid(what: string): HttpError {
  return new HttpError('INVALID_PAYLOAD', { message: `The event cannot be sent: ${what}.` });
}
