/**
 * Saved properties become typed settings, here and only here: the same readers run in the editor (to mark a field) and at
 * deploy (to refuse it). Pure, for the browser too. A reader takes the saved value and returns the setting or throws a
 * {@link SettingError}. The kind of a typed property (`xType` beside `x`) reaches its reader as the second argument.
 */
import { reasonText } from './setting-reason.js';
import type { ReasonKey, ReasonValues } from './setting-reason.js';

/** Why a saved value cannot work. `message` is English; `key` and `values` let the editor say it in its own language. */
export class SettingError extends Error {
  override readonly name: string = 'SettingError';
  readonly key: ReasonKey;
  readonly values: ReasonValues;

  constructor(key: ReasonKey, values: ReasonValues = {}) {
    super(reasonText(key, values));
    this.key = key;
    this.values = values;
  }
}

/** The value is `${NAME}` as a whole: a flaw at run time, where it should have been replaced, but right in the editor. */
export class UnsetVariableError extends SettingError {
  override readonly name: string = 'UnsetVariableError';

  constructor(variable: string) {
    super('unset', { name: variable });
  }
}

/** Turns a saved value into a setting. Throws {@link SettingError}. */
export type Reader<T> = (value: unknown, kind?: unknown) => T;

/** One reader per property. */
export type Readers = Readonly<Record<string, Reader<unknown>>>;

/** The typed settings that a set of readers gives. */
export type SettingsOf<R extends Readers> = { readonly [K in keyof R]: ReturnType<R[K]> };

/** A property that cannot work, and why. `property: reason` makes a sentence. */
export interface Refusal {
  readonly property: string;
  readonly reason: string;
  /** The reason once more, for the editor to say in its own language. */
  readonly flaw?: SettingError;
}

/** All settings, or every reason against them. */
export type Reading<T> =
  | { readonly settings: T; readonly errors?: undefined }
  | { readonly errors: readonly Refusal[]; readonly settings?: undefined };

/**
 * Reads all properties of a node. A missing one (undefined or null) gets its default, every refused one is reported.
 * `together` checks what only several settings at once can tell; it runs when each is fine on its own.
 */
export function readSettings<R extends Readers>(
  readers: R,
  defaults: Readonly<Record<keyof R, unknown>>,
  properties: unknown,
  together?: (settings: SettingsOf<R>) => readonly Refusal[],
): Reading<SettingsOf<R>> {
  const saved = isRecord(properties) ? properties : {};
  const settings: Record<string, unknown> = {};
  const errors: Refusal[] = [];
  for (const [property, read] of Object.entries(readers)) {
    try {
      settings[property] = read(saved[property] ?? defaults[property], saved[`${property}Type`]);
    } catch (error) {
      if (!(error instanceof SettingError)) throw error;
      errors.push(refusal(property, error));
    }
  }
  if (errors.length > 0) return { errors };
  const whole = settings as SettingsOf<R>;
  const more = together?.(whole) ?? [];
  return more.length > 0 ? { errors: more } : { settings: whole };
}

/** The refusal of one property as {@link readSettings}' `together` reports it. */
export function refuse(property: string, key: ReasonKey, values: ReasonValues = {}): Refusal {
  return refusal(property, new SettingError(key, values));
}

/** A refused property with what its reader threw. */
export function refusal(property: string, flaw: SettingError): Refusal {
  return { property, reason: flaw.message, flaw };
}

/**
 * Checks one saved value as the editor does: null when it is fine, and when it is `${NAME}`, since Node-RED puts the
 * variable's value there before the node starts.
 */
export function findFlaw(read: Reader<unknown>, value: unknown, kind?: unknown): SettingError | null {
  try {
    read(value, kind);
    return null;
  } catch (error) {
    if (error instanceof UnsetVariableError) return null;
    if (error instanceof SettingError) return error;
    throw error;
  }
}

/** Tells a plain object from everything else. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Throws {@link UnsetVariableError} when Node-RED left `${NAME}` in place. */
export function refuseVariable(value: unknown): void {
  if (typeof value !== 'string') return;
  const name = /^\$\{([^{}]+)\}$/.exec(value.trim())?.[1];
  if (name !== undefined) throw new UnsetVariableError(name);
}

/** Text, trimmed. Numbers become text, since an environment variable may hold one. */
export const text: Reader<string> = (value) => {
  refuseVariable(value);
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') throw new SettingError('text');
  return value.trim();
};

/** Text that may not be empty. */
export const someText: Reader<string> = (value) => {
  const read = text(value);
  if (read === '') throw new SettingError('required');
  return read;
};

/** The name of a node: any text, `${NAME}` included. */
export const nodeName: Reader<string> = (value) => (typeof value === 'string' ? value : '');

/** A reference to a configuration node: its id or "". */
export const reference: Reader<string> = (value) => text(value);

/** A reference that must be chosen. */
export const requiredReference: Reader<string> = (value) => {
  const id = reference(value);
  if (id === '') throw new SettingError('reference');
  return id;
};

/** true or false; the words "true" and "false" are what an environment variable gives. */
export const flag: Reader<boolean> = (value) => {
  refuseVariable(value);
  if (typeof value === 'boolean') return value;
  if (value === 'true') return true;
  if (value === 'false' || value === '') return false;
  throw new SettingError('flag');
};

/** One of a few words. */
export function choice<const T extends string>(...choices: readonly T[]): Reader<T> {
  return (value) => {
    const read = text(value);
    const found = choices.find((known) => known === read);
    if (found === undefined) throw new SettingError('choice', { choices: choices.map((one) => `"${one}"`).join(', ') });
    return found;
  };
}

/** A whole number between bounds, saved as number or text. */
export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): Reader<number> {
  return (value) => {
    const read = text(value);
    const number = /^\d{1,16}$/.test(read) ? Number(read) : NaN;
    if (number >= min && number <= max) return number;
    if (max === Number.MAX_SAFE_INTEGER) throw new SettingError('integerFrom', { min });
    throw new SettingError('integer', { min, max });
  };
}

/** The longest time a timer of Node can wait, in seconds. */
export const MAX_SECONDS = 2_147_483;

/** Parses a time in seconds (whole or decimal, number or text). Throws {@link SettingError}. */
export function parseSeconds(value: unknown): number {
  const read = text(value);
  const number = /^\d{1,9}(\.\d{1,9})?$/.test(read) ? Number(read) : NaN;
  if (number <= MAX_SECONDS) return number;
  throw new SettingError('seconds', { max: MAX_SECONDS });
}

/** A time in seconds; 0 switches it off. */
export const seconds: Reader<number> = (value) => parseSeconds(value);

const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };

/** Parses a size ("5mb", "512 KB", 65536) to bytes, at least 1. Units count in 1024s. Throws {@link SettingError}. */
export function parseSize(value: unknown): number {
  const match = /^(\d{1,15}(?:\.\d{1,9})?) ?([kmg]?b)?$/i.exec(text(value));
  const bytes = match === null ? NaN : Math.floor(Number(match[1]) * (UNITS[(match[2] ?? '').toLowerCase()] ?? NaN));
  if (bytes >= 1 && bytes <= Number.MAX_SAFE_INTEGER) return bytes;
  throw new SettingError('size');
}

/** A size in bytes. */
export const size: Reader<number> = (value) => parseSize(value);

/** What `read` gives, or null for an empty field. */
export function optional<T>(read: Reader<T>): Reader<T | null> {
  return (value, kind) => (value === '' ? null : read(value, kind));
}

/** A list of items: an array, or text with commas between (what an environment variable gives). "" is the empty list. */
export function list<T>(item: Reader<T>): Reader<readonly T[]> {
  return (value) => {
    refuseVariable(value);
    let items: readonly unknown[];
    if (Array.isArray(value)) items = value;
    else if (typeof value === 'string') items = value.split(',').filter((part) => part.trim() !== '');
    else throw new SettingError('list');
    return readItems(items, item);
  };
}

/** Rows of a table, each an object read field by field; a missing field is read as "". */
export function rows<R extends Readers>(fields: R): Reader<readonly SettingsOf<R>[]> {
  return (value) => {
    refuseVariable(value);
    if (value === '') return [];
    if (!Array.isArray(value)) throw new SettingError('list');
    return readItems(value, (row) => {
      if (!isRecord(row)) throw new SettingError('row');
      const read: Record<string, unknown> = {};
      for (const [field, reader] of Object.entries(fields)) read[field] = reader(row[field] ?? '');
      return read as SettingsOf<R>;
    });
  };
}

/** Reads every item before it complains of a variable, so that one `${NAME}` in the editor hides no other flaw. */
function readItems<T>(items: readonly unknown[], read: Reader<T>): readonly T[] {
  const result: T[] = [];
  let unset: UnsetVariableError | null = null;
  for (const [index, item] of items.entries()) {
    try {
      result.push(read(item));
    } catch (error) {
      if (!(error instanceof SettingError)) throw error;
      if (!(error instanceof UnsetVariableError)) throw new SettingError('item', { number: index + 1, reason: error });
      unset ??= error;
    }
  }
  if (unset !== null) throw unset;
  return result;
}

/** The kinds a typed property can have. */
export const TYPED_KINDS = ['str', 'msg', 'flow', 'global', 'env', 'jsonata'] as const;

/** Where the value of a typed property comes from. */
export type TypedKind = (typeof TYPED_KINDS)[number];

/** A value that is looked up for each message, unless `type` is "str". An empty "str" means: not set. */
export interface TypedValue {
  readonly value: string;
  readonly type: TypedKind;
}

/** A typed property: `x` with its kind in `xType` ("str" when missing). */
export const typed: Reader<TypedValue> = (value, kind) => {
  const type = choice(...TYPED_KINDS)(kind === undefined || kind === null || kind === '' ? 'str' : kind);
  const read = type === 'jsonata' && typeof value === 'string' ? value.trim() : text(value);
  if (type !== 'str' && read === '') throw new SettingError('required');
  return { value: read, type };
};
