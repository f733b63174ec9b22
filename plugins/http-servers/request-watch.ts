import type { ExchangeRecord, Server } from '../../src/doors/server.js';
import type { RequestView } from './view.js';

/** Records kept for each server while it is watched. */
export const keptRecords = 50;

/** Milliseconds without a look after which nothing is recorded any more. */
export const watchPatience = 10_000;

/**
 * The last requests of servers, recorded only while somebody looks: the first look at a server starts the recording, and
 * it ends when nobody has looked for {@link watchPatience}. Servers have nothing to do for it before and after.
 */
export class RequestWatch {
  readonly #watched = new Map<Server, { readonly records: RequestView[]; readonly end: () => void }>();
  readonly #patience: number;
  /** Goes on from the clock, so that numbers of before a restart are not taken for newer ones. */
  #serial = Date.now() * 1000;
  #timer: NodeJS.Timeout | undefined;

  /** @param patience milliseconds */
  constructor(patience = watchPatience) {
    this.#patience = patience;
  }

  /** Servers that are being recorded. */
  get size(): number {
    return this.#watched.size;
  }

  /** Watches these servers and no others. @returns the records of each that came after the serial, oldest first */
  look(servers: Iterable<Server>, since: number): Map<Server, readonly RequestView[]> {
    const looked = new Map<Server, readonly RequestView[]>();
    for (const server of servers) {
      const { records } = this.#watched.get(server) ?? this.#begin(server);
      looked.set(
        server,
        records.filter(({ serial }) => serial > since),
      );
    }
    for (const [server, { end }] of this.#watched) if (!looked.has(server)) end();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.end(), this.#patience).unref();
    return looked;
  }

  /** Ends all recording. */
  end(): void {
    clearTimeout(this.#timer);
    for (const { end } of this.#watched.values()) end();
  }

  #begin(server: Server): { readonly records: RequestView[] } {
    const records: RequestView[] = [];
    const keep = ({ method, path, status, ip, user, ms, result }: ExchangeRecord): void => {
      this.#serial += 1;
      records.push({ serial: this.#serial, time: Date.now(), method, path, status, ip, user, ms, result });
      if (records.length > keptRecords) records.shift();
    };
    server.on('record', keep);
    const watched = {
      records,
      end: () => {
        server.off('record', keep);
        this.#watched.delete(server);
      },
    };
    this.#watched.set(server, watched);
    return watched;
  }
}
