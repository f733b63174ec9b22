/** What is wrong with a saved value, in words. The editor's catalogs hold the same texts by the same keys. */

/** Why a setting is refused, in English; `__name__` marks a value. Each reads well after "property: ". */
export const reasons = {
  unset: 'the environment variable __name__ is not set',
  required: 'must not be empty',
  reference: 'must be chosen',
  text: 'must be text',
  flag: 'must be true or false',
  choice: 'must be one of __choices__',
  integer: 'must be a whole number from __min__ to __max__',
  integerFrom: 'must be a whole number, __min__ or more',
  seconds: 'must be a time in seconds from 0 to __max__',
  size: 'must be a size of at least one byte, such as 512kb or 5mb',
  list: 'must be a list',
  row: 'must be an object',
  item: 'entry __number__: __reason__',
  json: 'must be valid JSON: __message__',
  token: '"__value__" must be a name of letters, digits, dots and dashes',
  method: '"__value__" is not a method',
  host: '"__value__" is not a host name or an IP address',
  hostPort: '"__value__" must be a host name without a port',
  network: '"__value__" is not "loopback", an IP address or a network such as 10.0.0.0/8',
  origin: '"__value__" is not an origin such as https://example.org',
  regex: '"__value__" is not a valid regular expression: __message__',
  headerName: '"__value__" is not a header name',
  headerValue: 'contains a character that a header cannot carry',
  extension: '"__value__" is not a file extension: it must start with a dot, such as .html',
  mediaType: '"__value__" is not a media type such as text/plain',
  pattern: 'character __position__: __reason__',
  control: 'contains a control character',
  cookies: 'must be an object of cookies by name',
  cookie: 'the cookie "__name__" must be text, an object with a value, or null',
  cookieOption:
    '"__value__" is not one of domain, path, maxAge, expires, httpOnly, secure, sameSite, partitioned, priority, delete',
  redirectStatus: 'must be from 300 to 399 for a redirect',
  redirectFlags: 'must be empty when the kind of redirect is chosen',
  serviceName: 'must be at most 63 bytes long',
  window: 'must be longer than 0 seconds',
  key: 'must name the header or message property to count by',
  entries: 'must be a list of credentials, as an array or as JSON',
  scheme: 'the scheme must be basic, token, bearer, jwt or htpasswd',
  field: '__name__ is missing',
  source: '"__value__" is not "header", "cookie:<name>" or "query:<name>"',
  jwtKey: 'exactly one of secret, publicKey and jwksFile must be given',
  algorithm: '"__value__" is not an algorithm that this kind of key can verify',
  username: 'a user name must not contain a colon',
  scope: '"__value__" is not the name of a scope: quotes, backslashes and letters beyond ASCII cannot be in it',
  slot: 'the slot must be a number from 1 to 32 that no other entry has',
} as const;

/** A key of {@link reasons}. */
export type ReasonKey = keyof typeof reasons;

/** What stands for the marks of a reason; a nested reason keeps its own key. */
export type ReasonValues = Readonly<Record<string, string | number | Error>>;

/** A reason in English with its values in place. */
export function reasonText(key: ReasonKey, values: ReasonValues = {}): string {
  return reasons[key].replace(/__(\w+?)__/g, (mark, name: string) => {
    const value = values[name];
    if (value === undefined) return mark;
    return value instanceof Error ? value.message : String(value);
  });
}
