/** Chunks below this many bytes are copied together. */
const smallChunk = 1024;
/** Bytes of the blocks they are copied into: grows with the body. */
const smallestBlock = 1024;
const largestBlock = 16 * 1024;

/**
 * Collects the chunks of a body.
 *
 * **Security:** a body sent byte by byte does not cost an object per byte.
 */
export class ByteCollector {
  readonly #chunks: Buffer[] = [];
  #block: Buffer | undefined;
  #filled = 0;
  #length = 0;

  /** Bytes collected. */
  get length(): number {
    return this.#length;
  }

  /** The chunk may be kept as it is: it must not be written to afterwards. */
  add(chunk: Buffer): void {
    const isFirst = this.#length === 0;
    this.#length += chunk.length;
    if (isFirst || chunk.length >= smallChunk) {
      this.#flush();
      this.#chunks.push(chunk);
      return;
    }
    if (this.#block && this.#filled + chunk.length > this.#block.length) this.#flush();
    this.#block ??= Buffer.allocUnsafeSlow(Math.min(Math.max(smallestBlock, this.#length), largestBlock));
    this.#filled += chunk.copy(this.#block, this.#filled);
  }

  /** All bytes in one Buffer; a body of one chunk is not copied. */
  toBuffer(): Buffer {
    this.#flush();
    const [first] = this.#chunks;
    return this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks, this.#length);
  }

  /** All bytes in a Buffer of their own: a chunk from a socket is a slice, and would keep all it was cut from. */
  copy(): Buffer {
    this.#flush();
    return Buffer.concat(this.#chunks, this.#length);
  }

  #flush(): void {
    if (!this.#block) return;
    this.#chunks.push(this.#block.subarray(0, this.#filled));
    this.#block = undefined;
    this.#filled = 0;
  }
}
