import { isHttpError } from '../errors.js';
import type { Exchange } from '../exchange/exchange.js';
import { type Logger, silentLogger } from '../logger.js';
import { lazily } from '../lazily.js';
import type * as AccessLog from './access-log.js';
import type { ExchangeRecord } from './access-log.js';

const accessLog = lazily(() => require('./access-log.js') as typeof AccessLog);

/** Records kept while the flows restart; the oldest go first. */
const maxHeld = 1000;

/** Tells of finished requests: the access log at once, the flow when it runs. Costs nothing while nobody listens. */
export class RecordFeed {
  readonly #isWatched: () => boolean;
  readonly #tell: (record: ExchangeRecord) => void;
  #held: ExchangeRecord[] | undefined;

  constructor(isWatched: () => boolean, tell: (record: ExchangeRecord) => void) {
    this.#isWatched = isWatched;
    this.#tell = tell;
  }

  /** A request is over. @param logger gets a line; the silent one none */
  ended(exchange: Exchange, logger: Logger): void {
    const held = this.#held;
    if (logger === silentLogger && !held && !this.#isWatched()) return;
    const record = this.#read(exchange, logger);
    if (!record) return;
    if (!held) this.#tell(record);
    else if (held.push(record) > maxHeld) held.shift();
  }

  /** Logs the request. undefined: nothing can be loaded now, which is no reason to fail after the answer. */
  #read(exchange: Exchange, logger: Logger): ExchangeRecord | undefined {
    try {
      const { recordOf, logLineOf } = accessLog();
      const record = recordOf(exchange);
      if (logger !== silentLogger && record.result !== 'aborted') logger.info(logLineOf(exchange, record));
      return record;
    } catch (error) {
      if (isHttpError(error)) return undefined;
      throw error;
    }
  }

  /** Keeps records from now on: there is no flow that could take them. */
  hold(): void {
    this.#held ??= [];
  }

  /** Tells what was kept. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    if (this.#isWatched()) for (const record of held) this.#tell(record);
  }
}
