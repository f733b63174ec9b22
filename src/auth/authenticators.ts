import type { AccessEntry } from './access.js';
import type { Authenticator } from './authenticator.js';
import { BasicAuthenticator } from './basic.js';
import { HashQueue } from './hash-queue.js';
import { parseHtpasswd } from './htpasswd.js';
import { JwtAuthenticator } from './jwt.js';
import { TokenAuthenticator } from './token.js';
import { UserList } from './user-list.js';
import { WatchedFile } from './watched-file.js';

/**
 * The authenticators of these entries, in the order they are asked, and the files they watch.
 * @throws Error for an entry that cannot be used (a key that is none)
 */
export function authenticatorsOf(entries: readonly AccessEntry[]): {
  authenticators: Authenticator[];
  files: WatchedFile<unknown>[];
} {
  const queue = new HashQueue();
  const files: WatchedFile<unknown>[] = [];
  const watch = <T>(path: string, parse: (text: string) => T | Promise<T>): WatchedFile<T> => {
    const file = new WatchedFile(path, parse);
    files.push(file);
    return file;
  };
  const users = entries.flatMap((entry) =>
    entry.scheme === 'basic' ? [[entry.username, entry.password] as const] : [],
  );
  const list = new UserList(users, queue);
  // The cheap ones first: a request they let in waits for nothing.
  const basic = users.length > 0 ? [new BasicAuthenticator('basic', () => list)] : [];
  const tokens = entries.flatMap((entry) =>
    entry.scheme === 'token' || entry.scheme === 'bearer'
      ? [new TokenAuthenticator(entry.scheme, entry.token, entry.name, entry.from, entry.scopes)]
      : [],
  );
  const slow = entries.flatMap((entry): Authenticator[] => {
    if (entry.scheme === 'jwt') return [new JwtAuthenticator(entry, watch)];
    if (entry.scheme !== 'htpasswd') return [];
    const file = watch(entry.path, (text) => parseHtpasswd(text, queue));
    return [new BasicAuthenticator('htpasswd', () => file.get())];
  });
  return { authenticators: [...tokens, ...basic, ...slow], files };
}
