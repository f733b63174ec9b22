import { HttpError } from '../errors.js';

/**
 * Bytes as text. UTF-8 by default, a byte order mark removed; other charsets as far as the platform knows them.
 * @throws HttpError UNSUPPORTED_CHARSET
 */
export function decodeText(bytes: Buffer, charset: string | undefined): string {
  const name = (charset ?? 'utf-8').trim().toLowerCase();
  if (name === 'utf-8' || name === 'utf8' || name === 'us-ascii' || name === 'ascii') {
    const text = bytes.toString('utf8');
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  }
  if (name === 'iso-8859-1' || name === 'latin1') return bytes.toString('latin1');
  try {
    return new TextDecoder(name).decode(bytes);
  } catch (cause) {
    throw new HttpError('UNSUPPORTED_CHARSET', {
      message: `The charset ${JSON.stringify(name.slice(0, 40))} is not supported.`,
      cause,
    });
  }
}
