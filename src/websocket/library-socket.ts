import type { EventEmitter } from 'node:events';

/**
 * What a connection uses of a WebSocket of the `ws` library: told here, so that whoever compiles against the types of
 * this package needs no types of that one.
 */
export interface LibrarySocket extends EventEmitter {
  readonly protocol: string;
  readonly readyState: number;
  close(code?: number, reason?: string | Buffer): void;
  pause(): void;
  ping(data?: string | Uint8Array): void;
  resume(): void;
  terminate(): void;
}
