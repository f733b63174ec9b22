/**
 * Encoded text of an event stream, made once and written to any number of clients: as it is, or as one chunk of a
 * chunked body (RFC 9112 7.1). Both share one Buffer.
 */
export class EventFrame {
  /** The text alone, as UTF-8. */
  readonly body: Buffer;
  /** The text as one complete chunk: size, line break, text, line break. */
  readonly chunk: Buffer;

  constructor(text: string) {
    const size = Buffer.byteLength(text);
    const head = `${size.toString(16)}\r\n`;
    const chunk = Buffer.allocUnsafe(head.length + size + 2);
    chunk.write(head, 0, 'latin1');
    chunk.write(text, head.length, 'utf8');
    chunk[head.length + size] = 0x0d;
    chunk[head.length + size + 1] = 0x0a;
    this.chunk = chunk;
    this.body = chunk.subarray(head.length, head.length + size);
  }

  /** Bytes of the text. */
  get size(): number {
    return this.body.length;
  }
}
