import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';

/** Descriptors kept for files, uploads and the rest of the process: an eighth, within these bounds. */
const reserve = { least: 16, most: 64 } as const;

/** Milliseconds without a refused connection after which a want of descriptors is over. */
const calm = 10_000;

/** Tells whether connections are being refused for want of descriptors: from the first one until it has been calm. */
export class DescriptorShortage {
  #refused = 0;
  #refusedAt = -Infinity;

  /** @param refused how many connections have been refused so far */
  lasts(refused: number, now: number): boolean {
    if (refused !== this.#refused) {
      this.#refused = refused;
      this.#refusedAt = now;
    }
    return now - this.#refusedAt < calm;
  }
}

/**
 * The highest descriptor a connection may have: beyond it nothing would be left to serve it with. Infinity where the
 * system does not tell (only Linux does).
 */
export function highestDescriptor(): number {
  const limit = openFilesLimit();
  return limit - Math.min(Math.max(Math.floor(limit / 8), reserve.least), reserve.most);
}

/** The descriptor of a connection; -1 when it is not known. Descriptors are given out lowest first. */
export function descriptorOf(socket: Socket): number {
  return (socket as { _handle?: { fd?: number } | null })._handle?.fd ?? -1;
}

function openFilesLimit(): number {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
    return limit === undefined ? Infinity : Number(limit);
  } catch {
    return Infinity;
  }
}
