import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes of bodies that may have passed before what they leave behind is collected. */
const passing = 4 * 1024 * 1024;

let passed = 0;
let collect: (() => void) | undefined;

/**
 * Tells that bytes of a body have been passed on (to disk, to a flow) and are not held. Each chunk read from a socket is
 * a Buffer of its own, and V8 collects dead ones at every 32 MB, whatever the heap is allowed: a lot on a machine with
 * 512 MB. Counting what passes and collecting the young generation (about 2 ms) at every 4 MB keeps an upload of any
 * size below 16 MB. The count is the process's, as its heap is.
 * @param bytes length of the chunk
 */
export function notePassed(bytes: number): void {
  passed += bytes;
  if (passed < passing) return;
  passed = 0;
  collect ??= youngCollector();
  collect();
}

/** V8's `gc` for the young generation, without leaving a `gc` where other code would see it. */
function youngCollector(): () => void {
  try {
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as (options: { type: 'minor' }) => void;
    return () => gc({ type: 'minor' });
  } catch {
    // No such function in this runtime: it collects in its own time.
    return () => undefined;
  } finally {
    setFlagsFromString('--no-expose-gc');
  }
}
