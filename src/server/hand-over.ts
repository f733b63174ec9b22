import type { Server } from './server.js';

interface Held {
  readonly server: Server;
  readonly isSecure: boolean;
}

/**
 * Servers that outlive the nodes that made them, for the time of a redeploy: the pack's only state of the process. A
 * server is kept by the id of its node and its address; whoever comes back for the same takes it over, the rest is
 * stopped.
 */
export class HandOver {
  readonly #held = new Map<string, Held>();

  /** Keeps a server until {@link take} or {@link drop}. */
  hold(id: string, server: Server, isSecure: boolean): void {
    this.#held.set(id, { server, isSecure });
  }

  /** The server held for this id, which leaves the registry: kept when it is at the same address, else moved. */
  take(id: string, address: Server['address'], isSecure: boolean): { kept?: Server; moved?: Server } {
    const held = this.#held.get(id);
    if (!held) return {};
    this.#held.delete(id);
    const { host, port } = held.server.address;
    const isSame = host === address.host && port === address.port && held.isSecure === isSecure;
    return isSame ? { kept: held.server } : { moved: held.server };
  }

  /** True when a held server stands in the way of one that wants to listen there. */
  blocks({ host, port }: Server['address']): boolean {
    for (const { server } of this.#held.values())
      if (server.address.port === port && port !== 0 && overlaps(server.address.host, host)) return true;
    return false;
  }

  /** Takes all servers out of the registry that nobody has come back for: the caller stops them. */
  drop(): Server[] {
    const dropped = [...this.#held.values()].map(({ server }) => server);
    this.#held.clear();
    return dropped;
  }
}

/** True unless the hosts are two different addresses: names and wildcards may mean any. */
function overlaps(one: string, other: string): boolean {
  return one === other || !isOneAddress(one) || !isOneAddress(other);
}

function isOneAddress(host: string): boolean {
  return host !== '0.0.0.0' && host !== '::' && /^[\d.]+$|:/.test(host);
}

/** The registry of this process. */
export const handOver = new HandOver();
