/** Bytes of buffers that wait for the next transfer, and how long they wait (milliseconds). */
export const spareLimits = { bytes: 2 * 1024 * 1024, keptFor: 10_000 } as const;

/**
 * Buffers that transfers of files have done with, for the next ones: memory outside of the JavaScript heap makes the
 * garbage collector go over all of Node-RED's heap again and again, which costs more than sending the file.
 */
export class SpareBuffers {
  readonly #bySize = new Map<number, Buffer[]>();
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #keptFor: number;

  /** @param keptFor milliseconds without a transfer after which they are let go */
  constructor(keptFor: number = spareLimits.keptFor) {
    this.#keptFor = keptFor;
  }

  /** A buffer of this many bytes. It holds whatever it held. */
  take(size: number): Buffer {
    const spare = this.#bySize.get(size)?.pop();
    if (!spare) return Buffer.allocUnsafeSlow(size);
    this.#bytes -= size;
    return spare;
  }

  /**
   * Gives a buffer back.
   *
   * **Security:** only one that nobody reads from any more: the next client's bytes go into it.
   */
  give(buffer: Buffer): void {
    if (this.#bytes + buffer.length > spareLimits.bytes) return;
    const sameSize = this.#bySize.get(buffer.length);
    if (sameSize) sameSize.push(buffer);
    else this.#bySize.set(buffer.length, [buffer]);
    this.#bytes += buffer.length;
    if (this.#timer) this.#timer.refresh();
    else this.#timer = setTimeout(() => this.#drop(), this.#keptFor).unref();
  }

  #drop(): void {
    this.#timer = undefined;
    this.#bySize.clear();
    this.#bytes = 0;
  }
}
