/** Work that requests leave behind: intakes that clean up after themselves, files to remove. */
export class Unfinished {
  readonly #work = new Set<Promise<void>>();

  /** A failure of the work is its owner's to report. */
  add(work: Promise<unknown>): void {
    const done = work
      .catch(() => undefined)
      .then(() => {
        this.#work.delete(done);
      });
    this.#work.add(done);
  }

  /** Resolves when nothing is left to do, what was added meanwhile included. */
  async settled(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work);
  }
}
