import type { Server } from './server.js';

/**
 * Servers that outlive the nodes that made them, for the time of a redeploy: the pack's only state of the process. A
 * server is kept by the id of its node and its address; whoever comes back for the same takes it over, the rest is
 * stopped.
 */
export class HandOver {
  readonly #held = new Map<string, { server: Server; address: string }>();

  /** Keeps a server until {@link take} or {@link drop}. */
  hold(id: string, address: string, server: Server): void {
    this.#held.set(id, { server, address });
  }

  /** The held server of this node and address. One that listens elsewhere stays held and is dropped later. */
  take(id: string, address: string): Server | undefined {
    const held = this.#held.get(id);
    if (held?.address !== address) return undefined;
    this.#held.delete(id);
    return held.server;
  }

  /** Takes out of the registry all servers that hold this address, or all: the caller stops them. */
  drop(address?: string): Server[] {
    const dropped: Server[] = [];
    for (const [id, held] of this.#held) {
      if (address !== undefined && held.address !== address) continue;
      this.#held.delete(id);
      dropped.push(held.server);
    }
    return dropped;
  }
}

/** The registry of this process. */
export const handOver = new HandOver();
