import { closeSync, openSync } from 'node:fs';
import { HttpError } from './errors.js';

/** Descriptors that must be free before a module is loaded: one to read it, the others for whoever opens files meanwhile. */
const spare = 4;

/**
 * A part of the engine that not every server needs: loaded when it is first asked for, since each module costs a start
 * some half a millisecond. `const part = lazily(() => require('./part.js') as typeof Part)`, then `part().something()`.
 * What answers every request, and errors above all, is imported as usual.
 *
 * A process without a free descriptor can load nothing, and Node remembers of a package it could not read that there is
 * none: so that is found out before, and the next call tries again.
 * @throws HttpError OVERLOADED when no descriptor is left
 */
export function lazily<T extends object>(load: () => T): () => T {
  let loaded: T | undefined;
  return () => {
    if (loaded) return loaded;
    needDescriptors();
    return (loaded = load());
  };
}

function needDescriptors(): void {
  const open: number[] = [];
  try {
    for (let count = 0; count < spare; count += 1) open.push(openSync(__filename, 'r'));
  } catch (cause) {
    throw new HttpError('OVERLOADED', { cause, headers: { 'Retry-After': '5' } });
  } finally {
    for (const descriptor of open) closeSync(descriptor);
  }
}
