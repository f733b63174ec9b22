import type { Logger } from '../logger.js';
import type { Responder } from '../mdns/responder.js';
import type { ServerState } from './server-state.js';
import type { ServerSettings } from './settings.js';

/** Tells the network of a server for as long as it listens; by multicast DNS, loaded on first need. */
export class Advertising {
  readonly #logger: () => Logger;
  #current = '';
  /** Steps follow one another: a goodbye is said before the next name is probed for. */
  #last: Promise<void> = Promise.resolve();
  #responder: Responder | undefined;

  constructor(logger: () => Logger) {
    this.#logger = logger;
  }

  /** The name that is told now; another than was asked for when that is taken. '' while nothing is told. */
  get name(): string {
    return this.#responder?.name ?? '';
  }

  /** Brings what is told in line with the server. @returns when what was told before is taken back */
  follow({ state, host, port }: ServerState, { advertise }: Pick<ServerSettings, 'advertise'>): Promise<void> {
    const wanted = state === 'listening' && advertise.name !== '' ? JSON.stringify([advertise, host, port]) : '';
    if (wanted === this.#current) return this.#last;
    this.#current = wanted;
    this.#last = this.#last.then(async () => {
      await this.#responder?.stop();
      this.#responder = undefined;
      if (wanted === '' || wanted !== this.#current) return;
      const { Responder } = await import('../mdns/responder.js');
      const onNotice = (notice: string): void => this.#logger().warn(`advertise: ${notice}`);
      this.#responder = new Responder({ ...advertise, host, port, onNotice });
      void this.#responder.start();
    });
    return this.#last;
  }
}
