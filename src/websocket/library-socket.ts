/**
 * What a connection uses of a WebSocket of the `ws` library: told here, so that whoever compiles against the types of
 * this package needs no types of that one.
 */
export interface LibrarySocket {
  readonly protocol: string;
  readonly readyState: number;
  /** Who is told what happens; nobody at first. */
  listener: SocketListener | undefined;
  /** The closing handshake, without asking the listener. */
  closeNow(code?: number, reason?: string | Buffer): void;
  pause(): void;
  ping(data?: string | Uint8Array): void;
  resume(): void;
  terminate(): void;
}

/** Who hears of what happens on a {@link LibrarySocket}. */
export interface SocketListener {
  onMessage(data: Buffer, isBinary: boolean): void;
  /** A ping or a pong has come. */
  onControl(): void;
  /** The library wants to close: on a close frame, or on a broken rule. `close` is to be called, but may wait. */
  onClosing(close: () => void): void;
  /** The client has broken a rule. */
  onError(error: Error): void;
  /** It is over. */
  onClosed(code: number, reason: Buffer): void;
}
