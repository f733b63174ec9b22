import { randomBytes } from 'node:crypto';

/** Half of the id is this process's, half counts: as unlike other ids as random ones, for a fraction of the work. */
const mine = randomBytes(4).toString('hex');
const lastDigits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
let count = randomBytes(4).readUInt32BE(0);
let firstDigits = digitsOf(count);

/** An id for `_msgid`, of the shape Node-RED gives: 16 hexadecimal digits. Node-RED would make one from random digits. */
export function nextMessageId(): string {
  count = (count + 1) >>> 0;
  const last = count & 0xff;
  // Formatting the whole number each time would cost more than all else here.
  if (last === 0) firstDigits = digitsOf(count);
  return firstDigits + (lastDigits[last] ?? '');
}

/** All digits but the last two. */
function digitsOf(number: number): string {
  return mine + (number >>> 8).toString(16).padStart(6, '0');
}
