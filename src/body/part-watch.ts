import { HttpError } from '../errors.js';

/** Characters of a header line that are looked at: as many as a delimiter may have. */
const lineStart = 80;
const lineBreak = Buffer.from('\r\n');
const disposition = /^content-disposition:[\t ]*form-data[\t ]*(?:;|$)/i;

/** How many parts, and header lines in each, a body may have. */
export interface PartLimits {
  readonly parts: number;
  readonly headerPairs: number;
}

/**
 * Watches the bytes of a multipart body go by and refuses what the parser behind it would let pass in silence: too
 * many parts or header lines, a part that is no form data, a delimiter followed by something else.
 */
export class PartWatch {
  readonly #delimiter: Buffer;
  /** The delimiter without its line break. */
  readonly #dashes: string;
  readonly #limits: PartLimits;
  #state: 'data' | 'delimiter' | 'headers' | 'end' = 'data';
  /** The last bytes seen in data, which may begin a delimiter. A body may begin with the delimiter's dashes. */
  #tail: Buffer = lineBreak;
  /** Bytes of data seen since the last headers. */
  #seenData = 0;
  /** The first of the two bytes after a delimiter. */
  #after = '';
  #line = '';
  #lineLength = 0;
  #pairs = 0;
  #hasDisposition = false;
  #parts = 0;

  constructor(boundary: string, limits: PartLimits) {
    this.#dashes = `--${boundary}`;
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
    this.#limits = limits;
  }

  /** Parts whose headers have been seen in full. */
  get parts(): number {
    return this.#parts;
  }

  /** True when the final delimiter has been seen. */
  get isComplete(): boolean {
    return this.#state === 'end';
  }

  /**
   * @returns how many bytes of the chunk belong to the body: what follows the final delimiter must not reach the parser,
   *   which would look for parts in it
   * @throws HttpError LIMIT_PARTS, LIMIT_HEADER_PAIRS, BAD_MULTIPART
   */
  see(chunk: Buffer): number {
    let index = 0;
    while (index < chunk.length && this.#state !== 'end') {
      if (this.#state === 'data') index = this.#seeData(chunk, index);
      else if (this.#state === 'delimiter') this.#seeDelimiter(chunk[index++] ?? 0);
      else this.#seeHeader(chunk[index++] ?? 0);
    }
    return index;
  }

  #seeData(chunk: Buffer, start: number): number {
    const { length } = this.#delimiter;
    if (this.#tail.length > 0) {
      // A delimiter may lie across two chunks.
      const seam = Buffer.concat([this.#tail, chunk.subarray(start, start + length - 1)]);
      const found = seam.indexOf(this.#delimiter);
      if (found >= 0) return this.#enterDelimiter(start, start + found + length - this.#tail.length);
      if (chunk.length - start < length - 1) {
        this.#tail = seam.subarray(Math.max(0, seam.length - length + 1));
        this.#seenData += chunk.length - start;
        return chunk.length;
      }
    }
    const found = chunk.indexOf(this.#delimiter, start);
    if (found >= 0) return this.#enterDelimiter(start, found + length);
    this.#seenData += chunk.length - start;
    this.#tail = Buffer.from(chunk.subarray(Math.max(start, chunk.length - length + 1)));
    return chunk.length;
  }

  #enterDelimiter(start: number, next: number): number {
    // The line break that ends the headers is not that of a delimiter too: the parser would take both for one.
    if (this.#parts > 0 && this.#seenData + next - start === this.#delimiter.length - lineBreak.length)
      throw malformed('a delimiter follows the headers of a part at once');
    this.#state = 'delimiter';
    this.#tail = Buffer.alloc(0);
    this.#after = '';
    return next;
  }

  #seeDelimiter(byte: number): void {
    this.#after += String.fromCharCode(byte);
    if (this.#after === '--') this.#state = 'end';
    else if (this.#after === '\r\n') {
      if (this.#parts >= this.#limits.parts)
        throw new HttpError('LIMIT_PARTS', { message: `The upload has more than ${this.#limits.parts} parts.` });
      this.#state = 'headers';
      this.#pairs = 0;
      this.#hasDisposition = false;
      this.#line = '';
      this.#lineLength = 0;
    } else if (this.#after.length === 2)
      throw malformed('a delimiter is followed by neither a line break nor the final dashes');
  }

  #seeHeader(byte: number): void {
    if (byte !== 0x0a) {
      this.#lineLength++;
      if (this.#line.length < lineStart && byte !== 0x0d) this.#line += String.fromCharCode(byte);
      return;
    }
    const isEmpty = this.#line === '' && this.#lineLength <= 1;
    if (isEmpty) {
      if (!this.#hasDisposition) throw malformed('a part has no Content-Disposition of form-data');
      this.#parts++;
      this.#state = 'data';
      this.#seenData = 0;
      this.#tail = lineBreak;
      return;
    }
    // The parser would take it for one.
    if (this.#line.startsWith(this.#dashes)) throw malformed('a delimiter stands in the headers of a part');
    if (disposition.test(this.#line)) this.#hasDisposition = true;
    if (++this.#pairs > this.#limits.headerPairs)
      throw new HttpError('LIMIT_HEADER_PAIRS', {
        message: `A part of the upload has more than ${this.#limits.headerPairs} headers.`,
      });
    this.#line = '';
    this.#lineLength = 0;
  }
}

/** The error of a multipart body that cannot be read, the reason named. */
export function malformed(reason: string, cause?: unknown): HttpError {
  return new HttpError('BAD_MULTIPART', { message: `The multipart body is malformed: ${reason}.`, cause });
}
