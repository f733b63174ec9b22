import { type MethodFlags, type MethodSet, allowList, methodFlags, takesMethod } from './methods.js';
import { PathIndex } from './path-index.js';
import { type Params, type PathPattern, compilePattern } from './path-pattern.js';
import { splitPath } from './path-split.js';

/** A rule: methods (missing: GET, []: any), a path pattern, and what it stands for. */
export interface RouteRule<T> {
  readonly methods?: readonly string[] | undefined;
  readonly path: string;
  readonly appendSlash?: boolean | undefined;
  readonly value: T;
}

/** What a path and method lead to. */
export type RouteMatch<T> =
  | {
      readonly kind: 'match';
      readonly value: T;
      readonly index: number;
      readonly pattern: PathPattern;
      readonly flags: MethodFlags;
      readonly params: Params;
    }
  /** The path is known, the method is not. */
  | { readonly kind: 'method'; readonly allow: readonly string[] }
  | { readonly kind: 'none' };

interface Compiled<T> {
  readonly rule: RouteRule<T>;
  readonly index: number;
  readonly pattern: PathPattern;
  readonly methods: MethodSet;
  readonly flags: MethodFlags;
}

/** A rule that cannot be compiled. */
export class RuleError extends Error {
  override readonly name = 'RuleError';
  /** Index of the rule, from 0. */
  readonly index: number;

  constructor(index: number, cause: unknown) {
    super(`Rule ${index + 1}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.index = index;
  }
}

/**
 * Rules in order: the first that matches method and path wins (API rows SV8, RT14). The cost of a look-up does not
 * grow with their number.
 */
export class RouteTable<T> {
  readonly #literals = new Map<string, Compiled<T>[]>();
  readonly #index = new PathIndex<Compiled<T>>();
  #lowestPattern = Infinity;

  /** @throws RuleError naming the first bad rule */
  constructor(rules: readonly RouteRule<T>[]) {
    rules.forEach((rule, index) => {
      const compiled = compileRule(rule, index);
      this.#index.add(compiled.pattern, index, compiled);
      if (!compiled.pattern.isLiteral) this.#lowestPattern = Math.min(this.#lowestPattern, index);
      else {
        const same = this.#literals.get(rule.path);
        if (same) same.push(compiled);
        else this.#literals.set(rule.path, [compiled]);
      }
    });
  }

  /**
   * @param path the pathname as sent
   * @throws HttpError BAD_ESCAPE
   */
  match(method: string, path: string, { upgrade = false }: { upgrade?: boolean } = {}): RouteMatch<T> {
    const accept = (rule: Compiled<T>): boolean => takesMethod(rule.methods, method, upgrade);
    // A literal rule above all patterns needs no search.
    const literal = path.includes('%') ? undefined : this.#literals.get(path)?.find(accept);
    if (literal && literal.index < this.#lowestPattern) return found(literal, {});
    const segments = splitPath(path);
    const rule = this.#index.first(segments, accept);
    if (rule) return found(rule, rule.pattern.match(segments) ?? {});
    const known: MethodSet[] = [];
    this.#index.first(segments, (other) => {
      known.push(other.methods);
      return false;
    });
    return known.length > 0 ? { kind: 'method', allow: allowList(known) } : { kind: 'none' };
  }
}

/** Indexes of rules that can never serve, because an earlier one has the same path and every one of their methods. */
export function findShadowedRules(rules: readonly Omit<RouteRule<unknown>, 'value'>[]): number[] {
  const seen = new Map<string, Set<string>>();
  const shadowed: number[] = [];
  rules.forEach((rule, index) => {
    let canonical: string;
    try {
      canonical = compilePattern(rule.path, { appendSlash: rule.appendSlash === true }).canonical;
    } catch {
      return;
    }
    const methods = rule.methods ?? ['GET'];
    const earlier = seen.get(canonical) ?? new Set();
    if (earlier.has('*') || (methods.length > 0 && methods.every((method) => earlier.has(method))))
      shadowed.push(index);
    for (const method of methods.length > 0 ? methods : ['*']) earlier.add(method);
    seen.set(canonical, earlier);
  });
  return shadowed;
}

function compileRule<T>(rule: RouteRule<T>, index: number): Compiled<T> {
  try {
    const pattern = compilePattern(rule.path, { appendSlash: rule.appendSlash === true });
    const methods = rule.methods ?? ['GET'];
    for (const method of methods)
      if (!/^[!#$%&'*+.^_`|~\dA-Za-z-]+$/.test(method)) throw new Error(`"${method}" is not a valid method name.`);
    return {
      rule,
      index,
      pattern,
      methods: methods.length === 0 ? undefined : new Set(methods),
      flags: methodFlags(methods),
    };
  } catch (error) {
    throw new RuleError(index, error);
  }
}

function found<T>({ rule, index, pattern, flags }: Compiled<T>, params: Params): RouteMatch<T> {
  return { kind: 'match', value: rule.value, index, pattern, flags, params };
}
