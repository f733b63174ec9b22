import { MediaTypes } from '../file/media-types.js';

/** What {@link MIMETypes.configure} takes (API row MT2). */
export interface MIMETypesOptions {
  /** The type of unknown files, and of a `Response` that names none. */
  readonly defaultTo?: string;
  /** Only these extensions keep a type; the rest falls back to the default. Cannot be undone. */
  readonly keepFor?: readonly string[];
  /** Types by extension, added or replaced. */
  readonly register?: Readonly<Record<string, string>>;
}

/** The media types of one server, by file extension (API rows MT1–MT5): `server.mimeTypes`. */
export class MIMETypes {
  #types = new MediaTypes();
  readonly #apply: ((types: MediaTypes) => void) | undefined;

  /** @param apply told of each change */
  constructor(apply?: (types: MediaTypes) => void) {
    this.#apply = apply;
  }

  /** "text/plain" unless configured (API row MT1). */
  get default(): string {
    return this.#types.defaultTo;
  }

  /**
   * Changes the table: default, then what is kept, then what is added (API rows MT2–MT4).
   * @throws HttpError INVALID_SETTING for an extension without a dot, or one to keep that is not registered; nothing
   *   is changed then
   */
  configure({ defaultTo, keepFor = [], register = {} }: MIMETypesOptions): void {
    const added = Object.entries(register).map(([extension, type]) => ({ extension, type }));
    const types = new MediaTypes(
      { keep: keepFor, register: added, ...(defaultTo !== undefined && { defaultTo }) },
      this.#types,
    );
    this.#types = types;
    this.#apply?.(types);
  }

  /** The type of a file by what follows its last dot, any case (API row MT5). */
  getForFilename(filename: string, fallback?: string): string {
    return this.#types.forFilename(filename, fallback);
  }
}
