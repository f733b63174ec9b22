import { performance } from 'node:perf_hooks';
import type { Stats } from 'node:fs';
import { SpareBuffers } from './spare-buffers.js';

/** Bounds of the cache: bytes in all, files, bytes of one file, and how long a file is served without a look at the disk. */
export const cacheLimits = { bytes: 8 * 1024 * 1024, files: 512, fileSize: 64 * 1024, freshFor: 500 } as const;

/** A small file as it was read. */
export interface CachedFile {
  readonly body: Buffer;
  readonly stats: Stats;
  /** Its validators as headers carry them. */
  readonly validators: { readonly etag: string; readonly lastModified: string };
  /** The real path: a look at the disk goes there. */
  readonly path: string;
  readonly encoding: '' | 'br' | 'gzip';
}

interface Slot {
  readonly file: CachedFile;
  checkedAt: number;
}

/**
 * Small files of a server, so that a busy page costs no disk. A file that has changed is seen within `freshFor`
 * milliseconds; the least recently used go first. Larger files come through buffers that are kept for a while.
 */
export class FileCache {
  readonly spare = new SpareBuffers();
  readonly #slots = new Map<string, Slot>();
  #bytes = 0;

  /** A file that was read or checked within the last `freshFor` milliseconds. */
  fresh(key: string): CachedFile | undefined {
    const slot = this.#slots.get(key);
    return slot && performance.now() - slot.checkedAt < cacheLimits.freshFor ? slot.file : undefined;
  }

  /** The cached file if it is still the one on disk, by what `stat` tells; it is fresh again then. */
  confirm(key: string, stats: Stats): CachedFile | undefined {
    const slot = this.#slots.get(key);
    if (!slot) return undefined;
    const { file } = slot;
    const isSame =
      stats.mtimeMs === file.stats.mtimeMs &&
      stats.ctimeMs === file.stats.ctimeMs &&
      stats.size === file.stats.size &&
      stats.ino === file.stats.ino;
    this.#remove(key, slot);
    if (!isSame) return undefined;
    this.#insert(key, { file, checkedAt: performance.now() });
    return file;
  }

  set(key: string, file: CachedFile): void {
    const old = this.#slots.get(key);
    if (old) this.#remove(key, old);
    if (file.body.length > cacheLimits.fileSize) return;
    this.#insert(key, { file, checkedAt: performance.now() });
    for (const [oldest, slot] of this.#slots) {
      if (this.#bytes <= cacheLimits.bytes && this.#slots.size <= cacheLimits.files) break;
      this.#remove(oldest, slot);
    }
  }

  #insert(key: string, slot: Slot): void {
    this.#slots.set(key, slot);
    this.#bytes += slot.file.body.length;
  }

  #remove(key: string, slot: Slot): void {
    this.#slots.delete(key);
    this.#bytes -= slot.file.body.length;
  }
}
