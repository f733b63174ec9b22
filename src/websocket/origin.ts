import { HttpError } from '../errors.js';

/** Where the request itself went: what "same origin" is measured by. */
export interface RequestPlace {
  /** As the client used it: seen through trusted proxies. */
  readonly protocol: string;
  /** Host name with its port, as in the Host header. */
  readonly host: string;
}

/** The longest Origin that is looked at: a scheme, a host name of 253 characters and a port, and then some. */
const maxOriginLength = 512;

/**
 * Which pages may open a WebSocket: the defence against cross-site WebSocket hijacking, in which a foreign page rides
 * on the cookies of its visitor (RFC 6455 10.2).
 *
 * [] means the origin of the request itself: same scheme, host and port. `["*"]` means any. Otherwise each entry is an
 * origin, compared whole, or a `/pattern/` that must match the whole origin. A request without Origin is no page of a
 * browser and always passes.
 */
export class OriginPolicy {
  readonly #isSameOnly: boolean;
  readonly #isAny: boolean;
  readonly #exact: ReadonlySet<string>;
  readonly #patterns: readonly RegExp[];

  /** @throws HttpError INVALID_SETTING for a `/pattern/` that is none */
  constructor(origins: readonly string[]) {
    const patterns = origins.filter((entry) => entry.length > 2 && entry.startsWith('/') && entry.endsWith('/'));
    this.#patterns = patterns.map(compile);
    this.#exact = new Set(origins.filter((entry) => !patterns.includes(entry)).map((entry) => normalize(entry)));
    this.#isAny = this.#exact.has('*');
    this.#isSameOnly = origins.length === 0;
  }

  /** True when a page of this origin may connect. `null` (a sandboxed page) only when listed by name or with "*". */
  allows(origin: string | undefined, place: RequestPlace): boolean {
    if (origin === undefined || this.#isAny) return true;
    if (origin.length > maxOriginLength) return false;
    if (this.#isSameOnly)
      return origin !== 'null' && normalize(origin) === normalize(`${place.protocol}://${place.host}`);
    return (
      this.#exact.has(normalize(origin)) ||
      (origin !== 'null' && this.#patterns.some((pattern) => pattern.test(origin)))
    );
  }
}

/** Lower case, without the default port: what two spellings of one origin have in common. */
function normalize(origin: string): string {
  try {
    const url = new URL(origin);
    // The origin of a foreign scheme (an app's, say) is the text 'null': such origins are compared as they are.
    return url.origin === 'null' ? origin.toLowerCase() : url.origin;
  } catch {
    return origin.toLowerCase();
  }
}

function compile(entry: string): RegExp {
  try {
    return new RegExp(`^(?:${entry.slice(1, -1)})$`);
  } catch (cause) {
    throw new HttpError('INVALID_SETTING', { message: `The origin ${entry} is not a valid pattern.`, cause });
  }
}
