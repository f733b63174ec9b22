import { readFile, stat } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';

/** Milliseconds a file is trusted without a look at the disk. */
const lookInterval = 1000;
/** Bytes of a file that is looked at. */
const maxSize = 1024 * 1024;

/**
 * A file that is parsed when it has changed. While it cannot be read or parsed there is no value: nothing of an earlier
 * state is used.
 */
export class WatchedFile<T> {
  readonly #path: string;
  readonly #parse: (text: string) => T | Promise<T>;
  #stamp = '';
  #lookedAt = -Infinity;
  #value: T | { readonly unusable: string } = { unusable: 'not read yet' };
  #pending: Promise<T | { readonly unusable: string }> | undefined;

  constructor(path: string, parse: (text: string) => T | Promise<T>) {
    this.#path = path;
    this.#parse = parse;
  }

  /** The parsed file as it is now, or why there is none. */
  get(): T | { readonly unusable: string } | Promise<T | { readonly unusable: string }> {
    if (performance.now() - this.#lookedAt < lookInterval) return this.#value;
    return (this.#pending ??= this.#look().finally(() => {
      this.#pending = undefined;
    }));
  }

  async #look(): Promise<T | { readonly unusable: string }> {
    try {
      const { mtimeMs, ctimeMs, size, ino } = await stat(this.#path);
      const stamp = `${mtimeMs} ${ctimeMs} ${size} ${ino}`;
      if (size > maxSize) throw new Error(`${this.#path} is larger than ${maxSize} bytes`);
      if (stamp !== this.#stamp) {
        this.#value = await this.#parse(await readFile(this.#path, 'utf8'));
        this.#stamp = stamp;
      }
    } catch (error) {
      this.#stamp = '';
      this.#value = { unusable: error instanceof Error ? error.message : String(error) };
    }
    this.#lookedAt = performance.now();
    return this.#value;
  }
}
