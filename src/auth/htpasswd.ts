import type { HashQueue } from './hash-queue.js';
import { isHashed } from './password.js';
import { UserList } from './user-list.js';

/**
 * The users of a password file: `name:hash` lines, bcrypt or our scrypt; blank lines and `#` comments are skipped.
 * @throws Error naming the first line that cannot be used (never its content): the whole file counts for nothing then
 */
export function parseHtpasswd(text: string, queue: HashQueue): UserList {
  const users: [string, string][] = [];
  text.split(/\r\n|\n|\r/).forEach((line, index) => {
    if (line.trim() === '' || line.startsWith('#')) return;
    const colon = line.indexOf(':');
    const hash = line.slice(colon + 1).trim();
    if (colon < 1) throw new Error(`line ${index + 1} of the password file is not name:hash`);
    if (!isHashed(hash))
      throw new Error(`line ${index + 1} of the password file holds no bcrypt hash: make it with htpasswd -B`);
    users.push([line.slice(0, colon), hash]);
  });
  if (users.length === 0) throw new Error('the password file holds no user');
  return new UserList(users, queue);
}
