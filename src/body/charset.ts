import { TextDecoder } from 'node:util';
import { HttpError } from '../errors.js';

// 0x80 to 0x9f, as https://encoding.spec.whatwg.org/#windows-1252 has them
const windows1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/**
 * Bytes as text. UTF-8 by default, a byte order mark removed; other charsets as far as the platform knows them. Bytes
 * that the charset does not define become U+FFFD.
 * @throws HttpError UNSUPPORTED_CHARSET
 */
export function decodeText(bytes: Buffer, charset: string | undefined): string {
  const name = charset?.trim().toLowerCase() ?? '';
  switch (name) {
    case '':
    case 'utf-8':
    case 'utf8':
    case 'us-ascii':
    case 'ascii': {
      const text = bytes.toString('utf8');
      return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
    }
    case 'iso-8859-1':
    case 'latin1':
      return bytes.toString('latin1');
    case 'windows-1252':
    case 'cp1252':
      // Several versions of Node decode it as latin1.
      return bytes
        .toString('latin1')
        .replace(/[\u0080-\u009f]/g, (one) => windows1252[one.charCodeAt(0) - 0x80] ?? one);
    default:
      return decoderFor(name).decode(bytes);
  }
}

function decoderFor(name: string): TextDecoder {
  try {
    return new TextDecoder(name);
  } catch (cause) {
    throw new HttpError('UNSUPPORTED_CHARSET', {
      message: `The charset ${JSON.stringify(name.slice(0, 40))} is not supported.`,
      cause,
    });
  }
}
