/** The method name that stands for WebSocket upgrades only. */
export const upgradeMethod = 'WEBSOCKET';

/** Methods of a rule: undefined means any. */
export type MethodSet = ReadonlySet<string> | undefined;

/**
 * True when a rule with these methods takes the request: HEAD is served by GET, an upgrade is a GET, and "WEBSOCKET"
 * takes upgrades only.
 */
export function takesMethod(methods: MethodSet, method: string, upgrade: boolean): boolean {
  if (methods === undefined) return true;
  if (upgrade && methods.has(upgradeMethod)) return true;
  return methods.has(method) || (method === 'HEAD' && methods.has('GET'));
}

/** Methods in the shape of Express's `req.route.methods`: `{get: true}`; `{_all: true}` for any. */
export type MethodFlags = Readonly<Record<string, boolean>>;

/** The flags of these methods; [] means any. */
export function methodFlags(methods: readonly string[]): MethodFlags {
  const names = methods.length === 0 ? ['_all'] : methods.map((method) => method.toLowerCase());
  return Object.freeze(Object.fromEntries(names.map((name) => [name, true])));
}

/** A list for `Allow` (RFC 9110 10.2.1): HEAD comes with GET, OPTIONS is always answered. */
export function allowList(sets: Iterable<MethodSet>): string[] {
  const methods = new Set<string>();
  for (const set of sets) for (const method of set ?? []) if (method !== upgradeMethod) methods.add(method);
  if (methods.has('GET')) methods.add('HEAD');
  methods.add('OPTIONS');
  return [...methods].sort();
}
