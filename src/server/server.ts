import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { AccessCheck } from '../auth/access.js';
import { BodyBudget } from '../body/body-budget.js';
import { removeStaleFolders } from '../body/temporary-folder.js';
import { HttpError } from '../errors.js';
import type { ExchangeContext } from '../exchange/context.js';
import { toHttpError } from '../exchange/error-answer.js';
import type { Exchange } from '../exchange/exchange.js';
import type { HeaderTarget } from '../exchange/head-draft.js';
import { type Logger, silentLogger } from '../logger.js';
import { EntryTable } from '../routing/entry-table.js';
import { Clock } from './clock.js';
import { Connections } from './connections.js';
import { type DeployScope, Dispatcher, type DispatcherParts } from './dispatcher.js';
import { DescriptorShortage } from './descriptors.js';
import { drain } from './drain.js';
import type { Entry } from './entry.js';
import { InFlight } from './in-flight.js';
import { Listener } from './listener.js';
import type { EventHub, SocketHub } from './live-channels.js';
import { OnDemand } from './on-demand.js';
import { answerParseError } from './parse-error.js';
import { type ServerState, placeOf, retryInterval } from './server-state.js';
import { RecordFeed } from './record-feed.js';
import { Patience } from './patience.js';
import { Unfinished } from './unfinished.js';
import { type Address, type ServerSettings, type TlsMaterial, defaultSettings } from './settings.js';

/**
 * An HTTP server that hands out exchanges: each request goes through the server's own checks to the entry that takes
 * it, and gets exactly one answer.
 *
 * Events: `state` (ServerState) on every change · `activity` when the number of open requests has changed, at most four
 * times a second · `record` (ExchangeRecord) after each request, only worked out while somebody listens · `lockout`
 * (Locked) when an address has failed to log in too often.
 */
export class Server extends EventEmitter {
  /** Where it listens. Another address takes effect with the next start. */
  address: Address;
  #settings: ServerSettings;
  #tls: TlsMaterial | undefined;
  #logger: Logger;
  readonly #inFlight = new InFlight();
  readonly #connections = new Connections();
  readonly #clock: Clock;
  readonly #parts: DispatcherParts;
  readonly #dispatcher: Dispatcher;
  readonly #onDemand = new OnDemand({
    logger: () => this.#logger,
    onLocked: (locked) => this.emit('lockout', locked),
  });
  #listener: Listener | undefined;
  #state: ServerState;
  #retry: NodeJS.Timeout | undefined;
  #stopping: Promise<void> | undefined;
  readonly #records = new RecordFeed(
    () => this.listenerCount('record') > 0,
    (record) => this.emit('record', record),
  );
  readonly #shortage = new DescriptorShortage();
  /** How many requests had come and gone at the last `activity`. */
  #shownTurnover = 0;
  readonly #patience = new Patience();
  readonly #unfinished = new Unfinished();

  /**
   * @param options.tls certificate material: the server speaks HTTPS
   * @throws HttpError INVALID_SETTING for a setting that cannot work
   */
  constructor(options: {
    address: Address;
    settings?: ServerSettings;
    tls?: TlsMaterial | undefined;
    access?: AccessCheck | undefined;
    logger?: Logger;
  }) {
    super();
    // One for each node that shows the state.
    this.setMaxListeners(0);
    this.address = options.address;
    this.#settings = options.settings ?? defaultSettings;
    this.#tls = options.tls;
    this.#logger = options.logger ?? silentLogger;
    this.#clock = new Clock((now) => this.#onTick(now));
    this.#state = {
      state: 'stopped',
      url: '',
      host: options.address.host,
      port: options.address.port,
      error: undefined,
    };
    this.#parts = {
      settings: this.#settings,
      access: options.access,
      ...this.#newContext(this.#settings),
      entries: new EntryTable<Entry>(),
      inFlight: this.#inFlight,
      connections: this.#connections,
      budget: new BodyBudget(this.#settings.limits.bodyBudget),
      lockout: () => this.#onDemand.lockout,
    };
    this.#onDemand.apply(this.#settings);
    this.#dispatcher = new Dispatcher(this.#parts);
  }

  get state(): ServerState {
    return this.#state;
  }

  get settings(): ServerSettings {
    return this.#settings;
  }

  /** Channels of event streams, by name. */
  get eventChannels(): EventHub {
    return this.#onDemand.eventChannels;
  }

  /** Channels of WebSockets, by name. */
  get socketChannels(): SocketHub {
    return this.#onDemand.socketChannels;
  }

  /** Connections refused over a limit or for want of descriptors, and closed because their client did not read. */
  get refusals(): { refused: number; slowReaders: number } {
    return { refused: this.#connections.refused, slowReaders: this.#connections.stuck };
  }

  /** Open connections and open requests. */
  get counts(): { connections: number; requests: number } {
    return { connections: this.#connections.size, requests: this.#inFlight.size };
  }

  /**
   * Listens; a server that is stopping finishes that first. With `retry`, a port that cannot be had is tried again every
   * 5 seconds and the promise resolves all the same: the state tells.
   * @throws HttpError PORT_IN_USE, PORT_FORBIDDEN, LISTEN_FAILED, BAD_CERTIFICATE
   */
  async start({ retry = false }: { retry?: boolean } = {}): Promise<void> {
    while (this.#stopping) await this.#stopping;
    if (this.#listener) return;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    let listener: Listener | undefined;
    try {
      listener = this.#newListener();
      this.#listener = listener;
      const bound = await listener.listen(this.address);
      if (this.#listener !== listener) {
        // Stopped while the address was looked up.
        await listener.close();
        return;
      }
      this.#dispatcher.open();
      this.#clock.start();
      this.#unfinished.add(removeStaleFolders());
      this.#setState({
        state: 'listening',
        ...placeOf(this.address, bound, this.#tls !== undefined),
        error: undefined,
      });
    } catch (thrown) {
      const error = toHttpError(thrown);
      if (listener && this.#listener !== listener) return;
      this.#listener = undefined;
      this.#setState({ ...this.#state, state: 'failed', url: '', error });
      if (!retry) throw error;
      this.#retry = setTimeout(() => void this.start({ retry }), retryInterval * 1000);
    }
  }

  /**
   * Stops to listen at once and drains: begun answers get `limits.drainTimeout` seconds, unanswered requests 503 with
   * `Retry-After`, event streams `event: close`, WebSockets 1001; then every connection is closed.
   * @param options.wait true: unanswered requests get the same time to be answered
   */
  stop({ wait = false }: { wait?: boolean } = {}): Promise<void> {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#patience.forget();
    if (this.#stopping) return this.#stopping;
    const listener = this.#listener;
    this.#listener = undefined;
    if (listener) {
      this.#stopping = this.#drain(listener, wait).finally(() => (this.#stopping = undefined));
      return this.#stopping;
    }
    this.#setState({ ...this.#state, state: 'stopped', url: '', error: undefined });
    return Promise.resolve();
  }

  async #drain(listener: Listener, wait: boolean): Promise<void> {
    const refusal = new HttpError('SHUTTING_DOWN', { headers: { 'Retry-After': '1', Connection: 'close' } });
    this.#parts.context = { ...this.#parts.context, closing: true };
    const drained = drain({
      listener,
      inFlight: this.#inFlight,
      connections: this.#connections,
      refusal,
      wait,
      seconds: this.#settings.limits.drainTimeout,
    });
    this.#dispatcher.close(refusal);
    this.#onDemand.endLive();
    await Promise.all([drained, this.#onDemand.advertise({ ...this.#state, state: 'stopped' }, this.#settings)]);
    // Files of requests that were cut just now: gone before the process may end.
    await this.#unfinished.settled();
    this.#clock.stop();
    this.#parts.context = { ...this.#parts.context, closing: false };
    this.#setState({ ...this.#state, state: 'stopped', url: '', port: this.address.port, error: undefined });
  }

  /**
   * Applies other settings without a new socket; requests that are under way keep those they came with.
   * @throws HttpError INVALID_SETTING: nothing is changed
   */
  configure(settings: ServerSettings, access: AccessCheck | undefined): void {
    const made = this.#newContext(settings);
    this.#settings = settings;
    Object.assign(this.#parts, { settings, access, ...made } satisfies Partial<DispatcherParts>);
    this.#parts.budget.limit = settings.limits.bodyBudget;
    this.#onDemand.apply(settings);
    this.#listener?.apply(settings.limits);
    void this.#onDemand.advertise(this.#state, settings);
  }

  /** Uses other certificate material for handshakes from now on. @throws HttpError BAD_CERTIFICATE: the old one stays */
  setCertificate(tls: TlsMaterial): void {
    this.#listener?.setCertificate({ ...tls, clientCert: this.#settings.clientCert });
    this.#tls = tls;
  }

  /**
   * Opens a door of the server.
   * @param onConflict told while another entry with the same method and path serves instead
   * @returns closes it
   * @throws PatternError
   */
  addEntry(entry: Entry, onConflict?: (conflict: boolean) => void): () => void {
    const remove = this.#parts.entries.add(
      { methods: entry.methods, path: entry.path, order: entry.order, value: entry },
      onConflict,
    );
    const opened = this.#onDemand.openFolder(entry.body);
    if (opened) this.#unfinished.add(opened);
    return () => {
      remove();
      this.#dispatcher.forget(entry);
    };
  }

  /** Requests of an entry whose body is still arriving, and the bytes of them that have arrived. */
  receiving(entry: Entry): { requests: number; bytes: number } {
    return this.#inFlight.receivingOf(entry);
  }

  /**
   * Queues requests from now on: the flows restart. If {@link release} does not come within `limits.maxQueueWait`
   * seconds, the queue is refused and the server stops; `release` starts it again.
   */
  hold(): void {
    this.#dispatcher.hold();
    this.#patience.begin(this.#settings.limits.maxQueueWait, () => {
      const wasWanted = this.#listener !== undefined || this.#retry !== undefined;
      void this.stop();
      return wasWanted;
    });
    this.#records.hold();
    this.#onDemand.hold();
  }

  /**
   * Serves what was queued and all that comes after. Requests an old flow left unanswered are handled once more by the
   * new one when their method is safe, else answered 503: after a "full" deploy all of them, after "flows" those whose
   * entry was replaced, after "nodes" none.
   */
  release(scope: DeployScope): void {
    if (this.#patience.end()) void this.start({ retry: true });
    this.#records.release();
    this.#onDemand.release();
    this.#dispatcher.release(scope);
  }

  /** Where the server says things from now on. */
  setLogger(logger: Logger): void {
    this.#logger = logger;
  }

  #newListener(): Listener {
    return new Listener(
      {
        request: (request, response, expectation) =>
          this.#dispatcher.receive(request, response, {
            expectsContinue: expectation === 'continue',
            badExpectation: expectation === 'bad',
          }),
        upgrade: (request, response, socket, head) =>
          this.#dispatcher.receive(request, response, { upgrade: { socket, head } }),
        hasRoom: (handshakes) => this.#connections.hasRoom(handshakes, this.#settings.limits),
        connection: (socket: Socket) =>
          this.#connections.add(socket, this.#settings.limits, this.#parts.context.defaultHeaders),
        defaultHeaders: () => this.#parts.context.defaultHeaders,
        whenAnswered: (socket, act) => this.#connections.whenAnswered(socket, act),
        late: (socket, act) =>
          (this.#clock.stoodStill || this.#connections.isHeldUp(socket)) && this.#connections.giveGrace(socket, act),
        parseError: (error, socket) =>
          answerParseError(
            error,
            socket,
            this.#parts.context.defaultHeaders,
            this.#connections.of(socket)?.open.at(-1),
          ),
      },
      this.#settings.limits,
      this.#tls && { ...this.#tls, clientCert: this.#settings.clientCert },
    );
  }

  #newContext(settings: ServerSettings): Pick<DispatcherParts, 'context' | 'cors'> {
    const { cors, ...services } = this.#onDemand.servicesOf(settings, this.#tls !== undefined);
    const context: ExchangeContext = {
      ...services,
      debug: settings.debug,
      logger: this.#logger,
      maxParameters: settings.limits.maxParameters,
      closing: false,
      now: () => this.#clock.now,
      completesHead: cors !== undefined,
      beforeHead: (exchange, head) => this.#beforeHead(exchange, head),
      finishing: (work) => this.#unfinished.add(work),
      ended: (exchange) => this.#onEnded(exchange),
      lockout: () => this.#onDemand.lockout,
    };
    return { cors, context };
  }

  #beforeHead(exchange: Exchange, head: HeaderTarget): void {
    this.#inFlight.answered(exchange);
    this.#connections.answers(exchange.response);
    const { cors } = this.#parts;
    if (cors && !exchange.isPreflight) cors.addHeaders(exchange.request, head);
    if (exchange.context.closing) exchange.response.shouldKeepAlive = false;
  }

  #onEnded(exchange: Exchange): void {
    this.#inFlight.end(exchange);
    this.#connections.ended(exchange, this.#clock.now);
    this.#records.ended(exchange, this.#settings.accessLog ? this.#logger : silentLogger);
  }

  #onTick(now: number): void {
    const { limits } = this.#settings;
    this.#inFlight.enforce(now, limits);
    this.#connections.closeStuck(now, limits.sendTimeout);
    this.#connections.closeIdle(now, limits);
    const isShort = this.#shortage.lasts(this.#connections.starved, now);
    if (isShort !== (this.#state.error !== undefined))
      this.#setState({ ...this.#state, error: isShort ? new HttpError('NO_DESCRIPTORS') : undefined });
    if (this.#inFlight.turnover === this.#shownTurnover && !this.#inFlight.isReceiving) return;
    this.#shownTurnover = this.#inFlight.turnover;
    this.emit('activity');
  }

  #setState(state: ServerState): void {
    const before = this.#state;
    this.#state = state;
    void this.#onDemand.advertise(state, this.#settings);
    if (state.state === before.state && state.url === before.url && state.error?.message === before.error?.message)
      return;
    this.emit('state', state);
  }
}
