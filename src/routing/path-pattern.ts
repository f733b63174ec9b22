import type { PathSegments } from './path-split.js';

/** Values of a matched pattern: parameters by name, wildcards under "0", "1"… in order. */
export type Params = Record<string, string>;

/** What one segment of a pattern matches. */
export type PatternToken =
  | { readonly kind: 'literal'; readonly text: string }
  /** `<name>` or `:name`, and `...` (without a name): one non-empty segment. */
  | { readonly kind: 'single'; readonly name: string | undefined }
  /** `....`: one or more characters, slashes included. */
  | { readonly kind: 'many' }
  /** A final `/*`: anything, nothing included. */
  | { readonly kind: 'rest' };

/** Why a pattern is refused, and where. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
  /** Index of the first offending character, from 0. */
  readonly position: number;
  readonly reason: string;

  constructor(pattern: string, position: number, reason: string) {
    super(`"${pattern}" is not a valid path: ${reason} (at position ${position + 1})`);
    this.position = position;
    this.reason = reason;
  }
}

const unsafeNames = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Compiles a path pattern (API rows RT3–RT13): `<name>` or `:name`, `...`, `....`, a final `/*`; all other text is
 * literal and case matters.
 * @throws PatternError
 */
export function compilePattern(source: string, { appendSlash = false }: { appendSlash?: boolean } = {}): PathPattern {
  if (!source.startsWith('/')) throw new PatternError(source, 0, 'Path must start with a slash.');
  const double = source.indexOf('//');
  if (double >= 0) throw new PatternError(source, double, 'Path cannot contain double slashes.');
  if (appendSlash && source.endsWith('/'))
    throw new PatternError(source, source.length - 1, 'Cannot use append_slash=True when path ends with /');
  const dots = source.search(/\.{5}/);
  if (dots >= 0) throw new PatternError(source, dots, 'Path cannot contain more than 4 dots in a row.');
  const parts = source.slice(1).split('/');
  let position = 1;
  const tokens = parts.map((part, index) => {
    const token = parseToken(source, part, position, index === parts.length - 1);
    position += part.length + 1;
    return token;
  });
  return new PathPattern(source, tokens, appendSlash);
}

function parseToken(source: string, part: string, position: number, isLast: boolean): PatternToken {
  if (part === '*' && isLast) return { kind: 'rest' };
  if (part === '...') return { kind: 'single', name: undefined };
  if (part === '....') return { kind: 'many' };
  const touching = part.indexOf('...');
  if (touching >= 0) throw new PatternError(source, position + touching, '... and .... must be between slashes');
  const bracket = /<([^<>]*)>/.exec(part);
  if (bracket) {
    if (bracket[1] === '')
      throw new PatternError(source, position + bracket.index, 'All URL parameters must be named.');
    if (bracket[0] !== part)
      throw new PatternError(source, position + bracket.index, 'All URL parameters must be between slashes.');
    return parseName(source, bracket[1] ?? '', position + 1);
  }
  if (!part.startsWith(':')) return { kind: 'literal', text: part };
  if (part === ':') throw new PatternError(source, position, 'All URL parameters must be named.');
  return parseName(source, part.slice(1), position + 1);
}

function parseName(source: string, name: string, position: number): PatternToken {
  const bad = name.search(/\W/);
  if (bad >= 0)
    throw new PatternError(
      source,
      position + bad,
      'A parameter name consists of letters, digits and underscores only.',
    );
  return { kind: 'single', name };
}

/** A compiled path pattern. */
export class PathPattern {
  readonly source: string;
  readonly tokens: readonly PatternToken[];
  readonly appendSlash: boolean;
  /** The same for patterns that match the same paths in the same way: `/a/<x>` and `/a/:y`. */
  readonly canonical: string;
  /** True when the pattern matches only one path, as text. */
  readonly isLiteral: boolean;
  readonly #open: boolean;

  constructor(source: string, tokens: readonly PatternToken[], appendSlash: boolean) {
    this.source = source;
    this.tokens = tokens;
    this.appendSlash = appendSlash;
    this.canonical = tokens.map(canonicalToken).join('') + (appendSlash ? '/?' : '');
    this.isLiteral = !appendSlash && tokens.every((token) => token.kind === 'literal');
    this.#open = tokens.some((token) => token.kind === 'many' || token.kind === 'rest');
  }

  /** The values of a path that matches, else undefined. Of several `....` each takes as little as it can. */
  match(segments: PathSegments): Params | undefined {
    const ends =
      this.#ends(segments, segments.length) ??
      (this.appendSlash && segments.at(-1) === '' ? this.#ends(segments, segments.length - 1) : undefined);
    return ends && this.#capture(segments, ends);
  }

  /** For each token the index behind its last segment, when the pattern covers exactly the first `length` segments. */
  #ends(segments: PathSegments, length: number): number[] | undefined {
    const { tokens } = this;
    if (!this.#open && length !== tokens.length) return undefined;
    const ends: number[] = [];
    let at = 0;
    for (let index = 0; index < tokens.length; index += 1) {
      const token = tokens[index];
      if (token?.kind === 'many' || token?.kind === 'rest') {
        const end = this.#wildcardEnd(segments, length, index, at);
        if (end === undefined) return undefined;
        at = end;
      } else {
        if (at >= length || !fits(tokens, index, index + 1, segments, at)) return undefined;
        at += 1;
      }
      ends.push(at);
    }
    return at === length ? ends : undefined;
  }

  /** Where the wildcard token at `index`, beginning at segment `at`, ends: as early as what follows it allows. */
  #wildcardEnd(segments: PathSegments, length: number, index: number, at: number): number | undefined {
    const { tokens } = this;
    if (tokens[index]?.kind === 'rest') return at < length ? length : undefined;
    let stop = index + 1;
    while (stop < tokens.length && tokens[stop]?.kind !== 'many' && tokens[stop]?.kind !== 'rest') stop += 1;
    const block = stop - index - 1;
    if (stop === tokens.length) {
      const end = length - block;
      return end > at && !(end === at + 1 && segments[at] === '') ? end : undefined;
    }
    for (let end = at + 1; end + block <= length; end += 1) {
      if (end === at + 1 && segments[at] === '') continue;
      if (fits(tokens, index + 1, stop, segments, end)) return end;
    }
    return undefined;
  }

  #capture(segments: PathSegments, ends: readonly number[]): Params {
    const params: Params = {};
    let wildcard = 0;
    let start = 0;
    for (let index = 0; index < this.tokens.length; index += 1) {
      const token = this.tokens[index];
      const end = ends[index] ?? start;
      if (token?.kind === 'single') {
        if (token.name === undefined) params[wildcard++] = segments[start] ?? '';
        else if (!unsafeNames.has(token.name)) params[token.name] = segments[start] ?? '';
      } else if (token && token.kind !== 'literal') params[wildcard++] = segments.slice(start, end).join('/');
      start = end;
    }
    return params;
  }
}

/** True when the fixed tokens from `index` to `stop` match the segments from `at` on. */
function fits(
  tokens: readonly PatternToken[],
  index: number,
  stop: number,
  segments: PathSegments,
  at: number,
): boolean {
  for (let token = index; token < stop; token += 1) {
    const wanted = tokens[token];
    const segment = segments[at + token - index];
    if (wanted?.kind === 'literal' ? segment !== wanted.text : !segment) return false;
  }
  return true;
}

function canonicalToken(token: PatternToken): string {
  switch (token.kind) {
    case 'literal':
      // Literal text cannot hold a slash, so the marks of the other kinds are unmistakable.
      return `/${token.text}`;
    case 'single':
      return token.name === undefined ? '//...' : '//<>';
    case 'many':
      return '//....';
    case 'rest':
      return '//*';
  }
}

const rank = (token: PatternToken | undefined): number => {
  switch (token?.kind) {
    case 'literal':
      return 0;
    case 'single':
      return token.name === undefined ? 2 : 1;
    case 'many':
      return 3;
    case 'rest':
      return 4;
    case undefined:
      return 5;
  }
};

/** Orders patterns, most specific first: segment by segment literal, `<name>`, `...`, `....`, `/*`; then the longer one. */
export function compareSpecificity(a: PathPattern, b: PathPattern): number {
  const length = Math.max(a.tokens.length, b.tokens.length);
  for (let index = 0; index < length; index += 1) {
    const difference = rank(a.tokens[index]) - rank(b.tokens[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}
