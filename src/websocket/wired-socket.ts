import { WebSocket } from 'ws';
import type { LibrarySocket, SocketListener } from './library-socket.js';

/**
 * A WebSocket of the `ws` library that has one listener and tells it by calls: the tables and functions that listeners
 * to events take are a quarter of what an idle client costs.
 */
export class WiredSocket extends WebSocket implements LibrarySocket {
  listener: SocketListener | undefined;

  override emit(event: string | symbol, first?: unknown, second?: unknown): boolean {
    const { listener } = this;
    if (listener === undefined) return false;
    switch (event) {
      case 'message':
        listener.onMessage(first as Buffer, second as boolean);
        return true;
      case 'ping':
      case 'pong':
        listener.onControl();
        return true;
      case 'error':
        listener.onError(first as Error);
        return true;
      case 'close':
        listener.onClosed(first as number, second as Buffer);
        return true;
      default:
        return false;
    }
  }

  /** What the library calls itself. */
  override close(code?: number, reason?: string | Buffer): void {
    if (this.listener === undefined) super.close(code, reason);
    else this.listener.onClosing(() => super.close(code, reason));
  }

  closeNow(code?: number, reason?: string | Buffer): void {
    super.close(code, reason);
  }
}
