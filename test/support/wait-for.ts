import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves with what the check finds as soon as it is neither false nor undefined; throws when that takes too long. */
export async function waitFor<T>(
  what: string,
  check: () => T | Promise<T>,
  milliseconds = 10_000,
): Promise<Exclude<T, false | undefined>> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const found = await check();
    if (found !== false && found !== undefined) return found as Exclude<T, false | undefined>;
    if (Date.now() > deadline) throw new Error(`In vain: ${what}`);
    await sleep(10);
  }
}
