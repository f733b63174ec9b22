import { type MethodFlags, type MethodSet, allowList, methodFlags, takesMethod, upgradeMethod } from './methods.js';
import { PathIndex } from './path-index.js';
import { type Params, type PathPattern, compareSpecificity, compilePattern } from './path-pattern.js';
import { splitPath } from './path-split.js';

/** An entry of the table: methods ([] any), a path pattern ('' every path) and its place among equals. */
export interface TableEntry<T> {
  readonly methods: readonly string[];
  readonly path: string;
  readonly value: T;
  /** Of two entries with the same path and method, the one with the lower order serves. */
  readonly order: number;
}

/** What a path and method lead to. */
export type EntryMatch<T> =
  | { readonly kind: 'match'; readonly value: T; readonly flags: MethodFlags; readonly params: Params }
  /** OPTIONS on a known path. */
  | { readonly kind: 'options'; readonly allow: readonly string[] }
  | { readonly kind: 'method'; readonly allow: readonly string[] }
  | { readonly kind: 'none' };

interface Slot<T> extends TableEntry<T> {
  readonly pattern: PathPattern | undefined;
  readonly set: MethodSet;
  readonly flags: MethodFlags;
  readonly onConflict: (conflict: boolean) => void;
  conflict: boolean;
}

/** All entries of one canonical path. */
interface Group<T> {
  readonly pattern: PathPattern | undefined;
  readonly slots: Slot<T>[];
}

/**
 * The doors of a server. Whatever the order in which they were added, the most specific path wins; on it a named
 * method wins over any method.
 */
export class EntryTable<T> {
  readonly #slots = new Set<Slot<T>>();
  #index: PathIndex<Group<T>> | undefined;
  #every: Group<T> | undefined;

  /**
   * Adds an entry. Two of the same method and path conflict: the later one waits until the first is gone.
   * @param onConflict told when the entry begins or ceases to wait, and at once when it must wait
   * @returns removes the entry
   * @throws PatternError
   */
  add(entry: TableEntry<T>, onConflict: (conflict: boolean) => void = () => undefined): () => void {
    const slot: Slot<T> = {
      ...entry,
      pattern: entry.path === '' ? undefined : compilePattern(entry.path),
      set: entry.methods.length === 0 ? undefined : new Set(entry.methods),
      flags: methodFlags(entry.methods),
      onConflict,
      conflict: false,
    };
    this.#slots.add(slot);
    this.#changed();
    return () => {
      this.#slots.delete(slot);
      this.#changed();
    };
  }

  /**
   * @param path the pathname as sent
   * @throws HttpError BAD_ESCAPE
   */
  match(method: string, path: string, { upgrade = false }: { upgrade?: boolean } = {}): EntryMatch<T> {
    this.#index ??= this.#build();
    const segments = splitPath(path);
    const group = this.#index.first(segments, takeAny) ?? this.#every;
    if (!group) return { kind: 'none' };
    const slot = choose(group.slots, method, upgrade);
    if (slot)
      return { kind: 'match', value: slot.value, flags: slot.flags, params: slot.pattern?.match(segments) ?? {} };
    const allow = allowList(group.slots.map(({ set }) => set));
    return { kind: method === 'OPTIONS' ? 'options' : 'method', allow };
  }

  #changed(): void {
    this.#index = undefined;
    const taken = new Set<string>();
    for (const slot of [...this.#slots].sort((a, b) => a.order - b.order)) {
      const keys = (slot.methods.length > 0 ? slot.methods : ['*']).map(
        (method) => `${method} ${slot.pattern?.canonical ?? ''}`,
      );
      const conflict = keys.some((key) => taken.has(key));
      if (!conflict) for (const key of keys) taken.add(key);
      if (conflict === slot.conflict) continue;
      slot.conflict = conflict;
      slot.onConflict(conflict);
    }
  }

  #build(): PathIndex<Group<T>> {
    const groups = new Map<string, Group<T>>();
    for (const slot of this.#slots) {
      if (slot.conflict) continue;
      const key = slot.pattern?.canonical ?? '';
      const group = groups.get(key) ?? { pattern: slot.pattern, slots: [] };
      groups.set(key, group);
      group.slots.push(slot);
    }
    const index = new PathIndex<Group<T>>();
    this.#every = groups.get('');
    groups.delete('');
    [...groups.values()]
      .sort((a, b) => (a.pattern && b.pattern ? compareSpecificity(a.pattern, b.pattern) : 0))
      .forEach((group, rank) => group.pattern && index.add(group.pattern, rank, group));
    return index;
  }
}

const takeAny = (): boolean => true;

/** On one path: an upgrade goes to "WEBSOCKET" first, then a named method wins over any. */
function choose<T>(slots: readonly Slot<T>[], method: string, upgrade: boolean): Slot<T> | undefined {
  if (upgrade) {
    const named = slots.find(({ set }) => set?.has(upgradeMethod));
    if (named) return named;
  }
  return (
    slots.find(({ set }) => set?.has(method)) ??
    slots.find(({ set }) => set && takesMethod(set, method, upgrade)) ??
    slots.find(({ set }) => set === undefined)
  );
}
