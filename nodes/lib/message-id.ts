import { randomBytes } from 'node:crypto';

/** Half of the id is this process's, half counts: as unlike other ids as random ones, for a fraction of the work. */
const mine = randomBytes(4).toString('hex');
let count = randomBytes(4).readUInt32BE(0);

/** An id for `_msgid`, of the shape Node-RED gives: 16 hexadecimal digits. Node-RED would make one from random digits. */
export function nextMessageId(): string {
  count = (count + 1) >>> 0;
  return mine + count.toString(16).padStart(8, '0');
}
