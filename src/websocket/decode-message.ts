import { HttpError } from '../errors.js';

/** How messages of clients reach the listener. */
export type MessageFormat = 'auto' | 'json' | 'text' | 'buffer';

/** Makes a value of JSON text, or throws. */
export type JsonParser = (text: string) => unknown;

/**
 * A message in the format the channel wants: "auto" gives text as a string and binary as a Buffer, "text" and "buffer"
 * turn either into one kind, "json" parses either.
 * @throws HttpError INVALID_MESSAGE when it should be JSON and is not
 */
export function decodeMessage(data: Buffer, isBinary: boolean, format: MessageFormat, parseJson: JsonParser): unknown {
  if (format === 'buffer' || (format === 'auto' && isBinary)) return data;
  // A text message is valid UTF-8 by now; bytes may hold anything, and what is none becomes U+FFFD.
  const text = data.toString('utf8');
  if (format !== 'json') return text;
  try {
    return parseJson(text);
  } catch (cause) {
    throw new HttpError('INVALID_MESSAGE', { message: 'A message of the client is not valid JSON.', cause });
  }
}
