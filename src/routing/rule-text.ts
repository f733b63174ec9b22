/** A rule of a list that was written as text. */
export interface WrittenRule {
  readonly methods: readonly string[];
  readonly path: string;
  readonly appendSlash: boolean;
}

const line = /^(?:(\*|any|[!#$%&'*+.^_`|~\w-]+(?:\s*,\s*[!#$%&'*+.^_`|~\w-]+)*)\s+)?(\/\S*?)(\s*\(\/\))?$/i;

/**
 * Reads a list of rules (API row SV7): lines of `GET,PUT /path` (no method: GET; `any` or `*`: any method; `(/)` behind
 * it: with and without a slash at the end; blank lines and those with `#` count nothing), or JSON as a flow saves it.
 * @returns undefined for text that is no list of rules
 */
export function readRuleText(text: string): WrittenRule[] | undefined {
  const trimmed = text.trim();
  if (trimmed.startsWith('[')) return readJson(trimmed);
  const rules: WrittenRule[] = [];
  for (const one of trimmed.split(/\r?\n/)) {
    const written = one.trim();
    if (written === '' || written.startsWith('#')) continue;
    const match = line.exec(written);
    if (!match) return undefined;
    const [, methods = 'GET', path = '', slash] = match;
    rules.push({ methods: methodsOf(methods), path, appendSlash: slash !== undefined });
  }
  return rules.length > 0 ? rules : undefined;
}

function methodsOf(text: string): string[] {
  if (/^(\*|any)$/i.test(text)) return [];
  return [...new Set(text.split(',').map((method) => method.trim().toUpperCase()))];
}

function readJson(text: string): WrittenRule[] | undefined {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return undefined;
  }
  const rules: WrittenRule[] = [];
  for (const one of list as unknown[]) {
    const { methods = ['GET'], path, appendSlash } = (one ?? {}) as Partial<Record<keyof WrittenRule, unknown>>;
    if (typeof path !== 'string' || !Array.isArray(methods)) return undefined;
    rules.push({ methods: methods.map(String), path, appendSlash: appendSlash === true });
  }
  return rules.length > 0 ? rules : undefined;
}
