/** Where requests carry secrets beside the Authorization header: names of cookies and query parameters. */
export interface SecretPlaces {
  readonly cookies: ReadonlySet<string>;
  readonly query: ReadonlySet<string>;
}

/** What stands for a secret. */
const masked = '***';

/** Parameters that are masked whoever checks them (RFC 6750 2.3). */
const wellKnown: ReadonlySet<string> = new Set(['access_token']);

/** A request target with the values of these query parameters masked: tokens stay out of logs. */
export function maskUrl(url: string, names: ReadonlySet<string>): string {
  const mark = url.indexOf('?');
  if (mark < 0) return url;
  const query = url
    .slice(mark + 1)
    .split('&')
    .map((part) => {
      const name = part.split('=', 1)[0] ?? '';
      return part.includes('=') && isSecret(name, names) ? `${name}=${masked}` : part;
    });
  return `${url.slice(0, mark)}?${query.join('&')}`;
}

/** A copy of headers without what a client proved itself by: the scheme of Authorization stays, secret cookies do not. */
export function maskHeaders<T extends object>(headers: T, { cookies }: SecretPlaces): T {
  const copy = { ...headers } as Record<string, unknown>;
  for (const name of ['authorization', 'proxy-authorization']) {
    const value = copy[name];
    if (typeof value === 'string')
      copy[name] = value.includes(' ') ? `${value.split(' ', 1)[0] ?? ''} ${masked}` : masked;
  }
  const cookie = copy['cookie'];
  if (cookies.size > 0 && typeof cookie === 'string')
    copy['cookie'] = cookie
      .split(';')
      .map((part) => {
        const name = part.split('=', 1)[0] ?? '';
        return cookies.has(name.trim()) ? `${name}=${masked}` : part;
      })
      .join(';');
  return copy as T;
}

/** A copy of names and values with the values of these names masked; the object itself when it has none of them. */
export function maskValues<T extends object>(values: T, names: ReadonlySet<string>): T {
  const found = Object.keys(values).filter((name) => names.has(name));
  return found.length === 0 ? values : { ...values, ...Object.fromEntries(found.map((name) => [name, masked])) };
}

/** Whether a name as it is written in a query, escapes included, is one of these. */
function isSecret(written: string, names: ReadonlySet<string>): boolean {
  let name = written;
  try {
    name = decodeURIComponent(written.replace(/\+/g, ' '));
  } catch {
    // A broken escape is no name anybody looks up.
  }
  return names.has(name) || wellKnown.has(name);
}
