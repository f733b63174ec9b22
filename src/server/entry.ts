import type { AccessCheck } from '../auth/access.js';
import type { Exchange } from '../exchange/exchange.js';

/** How the body of a request reaches the flow. */
export interface BodyOptions {
  readonly mode: 'parsed' | 'raw' | 'stream';
  /** Keep the bytes beside the parsed body. */
  readonly rawBody: boolean;
  readonly upload: 'memory' | 'disk' | 'off';
  /** Folder for uploads on disk; '' for a temporary one that is emptied when the answer is sent. */
  readonly uploadDir: string;
  /** Bytes; undefined: the limits of the server. */
  readonly bodyLimit: number | undefined;
  readonly maxFileSize: number | undefined;
  readonly maxFiles: number;
}

/** A door of the server: requests of these methods and this path go to `handle`. */
export interface Entry {
  /** [] for any; "WEBSOCKET" for upgrades only. */
  readonly methods: readonly string[];
  /** '' for every path, else a pattern. */
  readonly path: string;
  /** Who may come in; undefined: as the server's. */
  readonly access: AccessCheck | undefined;
  /** How its bodies are read; a function decides request by request, before a byte of the body is read. */
  readonly body: BodyOptions | ((exchange: Exchange) => BodyOptions);
  /** Where the entry stands among its equals: of two with the same method and path the lower one serves. */
  readonly order: number;
  /** Takes a request whose body has been read. Throws at most an HttpError, which is then the answer. */
  readonly handle: (exchange: Exchange) => void;
}

/** The body options of an entry about which nothing is said. */
export const defaultBodyOptions: BodyOptions = {
  mode: 'parsed',
  rawBody: false,
  upload: 'memory',
  uploadDir: '',
  bodyLimit: undefined,
  maxFileSize: undefined,
  maxFiles: 10,
};
