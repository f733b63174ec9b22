import type { HttpError } from '../errors.js';
export type AccessResult =
  | { kind: 'granted'; user: { name: string; scheme: string; claims?: unknown } }
  | { kind: 'refused'; error: HttpError; presented: boolean; name?: string | undefined }
  | { kind: 'unusable'; reason: string };
export interface Access {
  check(request: unknown): AccessResult | Promise<AccessResult>;
  readonly secretParameters: ReadonlySet<string>;
}
