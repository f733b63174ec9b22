import type { PathPattern } from './path-pattern.js';
import type { PathSegments } from './path-split.js';

interface Item<T> {
  readonly rank: number;
  readonly value: T;
}

interface Node<T> {
  readonly id: number;
  /** The lowest rank at or below this node: a search that has found a lower one need not look. */
  lowest: number;
  literals: Map<string, Node<T>> | undefined;
  single: Node<T> | undefined;
  many: Node<T> | undefined;
  /** Patterns that end here, and those that end here with `/*`; by rising rank. */
  readonly ends: Item<T>[];
  readonly rests: Item<T>[];
}

/** Decides whether a value that matches by path is taken. */
export type Accept<T> = (value: T) => boolean;

/**
 * Patterns in a tree of segments: finds the matching pattern of the lowest rank without looking at the others. The
 * work is bounded by the nodes that fit the path times its segments, whatever the number of patterns.
 */
export class PathIndex<T> {
  #nodes = 0;
  readonly #root: Node<T> = this.#node();

  /** Adds a pattern. Ranks must rise from call to call. */
  add(pattern: PathPattern, rank: number, value: T): void {
    let node = this.#root;
    node.lowest = Math.min(node.lowest, rank);
    for (const token of pattern.tokens) {
      if (token.kind === 'rest') {
        node.rests.push({ rank, value });
        return;
      }
      node =
        token.kind === 'literal'
          ? this.#literal(node, token.text)
          : token.kind === 'single'
            ? (node.single ??= this.#node())
            : (node.many ??= this.#node());
      node.lowest = Math.min(node.lowest, rank);
    }
    node.ends.push({ rank, value });
    if (!pattern.appendSlash) return;
    const slash = this.#literal(node, '');
    slash.lowest = Math.min(slash.lowest, rank);
    slash.ends.push({ rank, value });
  }

  /** The accepted value of the lowest rank whose pattern matches the path. */
  first(segments: PathSegments, accept: Accept<T>): T | undefined {
    const search = new Search<T>(segments, accept);
    search.visit(this.#root, 0);
    return search.found?.value;
  }

  #literal(node: Node<T>, text: string): Node<T> {
    node.literals ??= new Map();
    let child = node.literals.get(text);
    if (!child) node.literals.set(text, (child = this.#node()));
    return child;
  }

  #node(): Node<T> {
    return {
      id: this.#nodes++,
      lowest: Infinity,
      literals: undefined,
      single: undefined,
      many: undefined,
      ends: [],
      rests: [],
    };
  }
}

/** One walk over the tree for one path. */
class Search<T> {
  readonly #segments: PathSegments;
  readonly #accept: Accept<T>;
  found: Item<T> | undefined;
  /** (node, segment) pairs seen below a `....`: each is worth one look. Absent until a `....` is met. */
  #seen: Set<number> | undefined;

  constructor(segments: PathSegments, accept: Accept<T>) {
    this.#segments = segments;
    this.#accept = accept;
  }

  visit(node: Node<T>, at: number): void {
    if (this.found && node.lowest >= this.found.rank) return;
    if (this.#seen && this.#isSeen(node, at)) return;
    const segments = this.#segments;
    if (at === segments.length) {
      this.#take(node.ends);
      return;
    }
    this.#take(node.rests);
    const segment = segments[at] ?? '';
    const literal = node.literals?.get(segment);
    if (literal) this.visit(literal, at + 1);
    if (node.single && segment !== '') this.visit(node.single, at + 1);
    if (node.many) this.#visitMany(node.many, at);
  }

  /** `....` takes one segment or more, but not a single empty one. */
  #visitMany(node: Node<T>, at: number): void {
    this.#seen ??= new Set();
    const { length } = this.#segments;
    for (let end = this.#segments[at] === '' ? at + 2 : at + 1; end <= length; end += 1) {
      if (this.found && node.lowest >= this.found.rank) return;
      // What begins here was tried by an earlier walk, and so was all that begins later.
      if (this.#seen.has(this.#key(node, end))) return;
      this.visit(node, end);
    }
  }

  #take(items: readonly Item<T>[]): void {
    for (const item of items) {
      if (this.found && item.rank >= this.found.rank) return;
      if (this.#accept(item.value)) {
        this.found = item;
        return;
      }
    }
  }

  #isSeen(node: Node<T>, at: number): boolean {
    const key = this.#key(node, at);
    if (this.#seen?.has(key)) return true;
    this.#seen?.add(key);
    return false;
  }

  #key(node: Node<T>, at: number): number {
    return node.id * (this.#segments.length + 1) + at;
  }
}
