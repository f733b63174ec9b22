/** How long a server waits for flows that restart. It gives up once, and remembers that for the flows' return. */
export class Patience {
  #timer: NodeJS.Timeout | undefined;
  #gaveUp = false;

  /** Waits from now on, unless it does already. @param giveUp tells whether there was anything to give up */
  begin(seconds: number, giveUp: () => boolean): void {
    this.#timer ??= setTimeout(() => (this.#gaveUp = giveUp()), seconds * 1000).unref();
  }

  /** The flows are back. @returns true when it had given up */
  end(): boolean {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const gaveUp = this.#gaveUp;
    this.#gaveUp = false;
    return gaveUp;
  }

  /** Somebody has decided otherwise: nothing is to be taken back up. */
  forget(): void {
    this.#gaveUp = false;
  }
}
