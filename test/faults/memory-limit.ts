/** A limit on the memory of a process and all it does, as on a small machine. Linux, where this user may make control groups. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where control groups for memory are made, and what their files are called: version 1, then version 2. */
const kinds = [
  { root: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes', peak: 'memory.max_usage_in_bytes' },
  { root: '/sys/fs/cgroup', limit: 'memory.max', peak: 'memory.peak' },
] as const;

/** A control group that ends what grows past its limit. */
export class MemoryLimit {
  readonly #folder: string;
  readonly #peak: string;

  private constructor(folder: string, peak: string) {
    this.#folder = folder;
    this.#peak = peak;
  }

  /** A group of so many MiB, swap included; undefined where there can be none. */
  static of(mebibytes: number): MemoryLimit | undefined {
    for (const { root, limit, peak } of kinds) {
      const folder = join(root, `http-server-faults-${process.pid}-${mebibytes}`);
      try {
        mkdirSync(folder, { recursive: true });
        if (existsSync(join(folder, limit))) {
          writeFileSync(join(folder, limit), String(mebibytes * 1024 * 1024));
          return new MemoryLimit(folder, peak);
        }
        rmdirSync(folder);
      } catch {
        // No control groups of this kind, or not for this user.
      }
    }
    return undefined;
  }

  /** The command that enters the group and becomes the program behind it. */
  get command(): string[] {
    return ['sh', '-c', 'echo $$ > "$0" && exec "$@"', join(this.#folder, 'cgroup.procs')];
  }

  /** Removes the group, whose process has ended. @returns the most MiB it held, what was read of files included */
  remove(): number {
    const bytes = Number(readFileSync(join(this.#folder, this.#peak), 'latin1'));
    rmdirSync(this.#folder);
    return bytes / 1024 / 1024;
  }
}
