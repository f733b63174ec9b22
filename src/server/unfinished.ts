/** Work that requests leave behind: intakes that clean up after themselves, files to remove. Counted, not kept. */
export class Unfinished {
  #count = 0;
  #waiting: (() => void)[] = [];

  /** A failure of the work is its owner's to report. */
  add(work: Promise<unknown>): void {
    this.#count += 1;
    work.then(this.#done, this.#done);
  }

  /** Resolves when nothing is left to do, what was added meanwhile included. */
  settled(): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  readonly #done = (): void => {
    this.#count -= 1;
    if (this.#count > 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  };
}
