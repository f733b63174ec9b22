import { EventEmitter } from 'node:events';
import console from 'node:console';
import { HttpError } from '../errors.js';
import { Headers } from '../http/headers.js';
import type { Logger } from '../logger.js';
import type { ExchangeRecord } from '../server/access-log.js';
import { Server as CoreServer } from '../server/server.js';
import type { ServerState } from '../server/server-state.js';
import type { ServerSettings } from '../server/settings.js';
import { type ResponseHeaders, headersOf } from './answer.js';
import { type Authentication, accessOf } from './authentication.js';
import { LiveClients } from './live-clients.js';
import { GET } from './methods.js';
import { MIMETypes } from './mime-types.js';
import { type ServerOptions, readCertificate, settingsOf } from './options.js';
import { type PollResult, PollQueue } from './poll-result.js';
import { type Handler, Route, type RouteOptions } from './route.js';
import { Router } from './router.js';

/**
 * An HTTP server in the words of the API (rows SV1–SV29): routes with handlers, files of a root folder, default
 * headers, authentication. Requests are served at the same time, on kept connections, within the limits of the engine.
 *
 * Events: `state` (ServerState) on every change · `record` (ExchangeRecord) after each request.
 */
export class Server extends EventEmitter {
  /** Media types by file extension (API rows MT1–MT5). */
  readonly mimeTypes: MIMETypes;
  /** The realm of 401 challenges. */
  readonly realm: string;
  /** The live clients of this server. @internal */
  readonly live: LiveClients;
  readonly #core: CoreServer;
  readonly #options: ServerOptions;
  readonly #logger: Logger;
  readonly #router: Router;
  readonly #headers: Headers;
  #settings: ServerSettings;
  #authentications: readonly Authentication[] = [];
  #polled: PollQueue | undefined;

  /**
   * Makes a server that does not listen yet.
   * @throws HttpError INVALID_SETTING for a setting that cannot work
   */
  constructor(options: ServerOptions = {}) {
    super();
    if (options.https && !(options.certfile && options.keyfile)) readCertificate(options);
    this.#options = options;
    this.#logger = options.logger ?? console;
    this.realm = options.realm ?? 'Server';
    this.#headers = new Headers(headersOf(options.headers) as Record<string, string>);
    this.#settings = settingsOf(options, this.#headers);
    this.#core = new CoreServer({
      address: { host: '', port: 0 },
      settings: this.#settings,
      logger: this.#logger,
    });
    this.mimeTypes = new MIMETypes((mediaTypes) => this.#configure({ mediaTypes }));
    this.live = new LiveClients(this.#core);
    this.#router = new Router(this, this.#logger);
    this.#core.addEntry(this.#router.entry);
    this.#core.on('state', (state: ServerState) => {
      if (state.state === 'stopped') this.#polled?.end();
      this.emit('state', state);
    });
    this.on('newListener', (name) => {
      // Records are only worked out while somebody asks for them.
      if (name === 'record' && this.#core.listenerCount('record') === 0)
        this.#core.on('record', (record: ExchangeRecord) => this.emit('record', record));
    });
    if (this.rootPath === '/' && this.debug)
      this.#logger.warn(
        "WARNING: Setting rootPath to '/' will expose all files on your device through the webserver, including potentially sensitive files.",
      );
  }

  /** Folder of the files; '' for none (API row SV2). May change while the server runs. */
  get rootPath(): string {
    return this.#settings.rootPath;
  }
  set rootPath(rootPath: string | undefined) {
    this.#configure({ rootPath: rootPath ?? '' });
  }

  /** Log lines, and error bodies that name the reason (API row SV5). May change while the server runs. */
  get debug(): boolean {
    return this.#settings.debug;
  }
  set debug(debug: boolean) {
    this.#configure({ debug, accessLog: this.#options.accessLog ?? debug });
  }

  /** Headers of every response that does not set them itself (API row SV19): change them, or assign others. */
  get headers(): Headers {
    return this.#headers;
  }
  set headers(headers: ResponseHeaders) {
    const replacement = new Headers(headersOf(headers) as Record<string, string>);
    for (const name of this.#headers.keys()) this.#headers.delete(name);
    this.#headers.update(replacement);
  }

  /** True when it speaks HTTPS. */
  get https(): boolean {
    return this.#options.https === true;
  }

  /** True while it does not listen. */
  get stopped(): boolean {
    return this.#core.state.state !== 'listening';
  }

  /** The address it listens on; undefined while it does not. */
  get host(): string | undefined {
    return this.stopped ? undefined : this.#core.state.host;
  }

  /** The real port, also when 0 was asked for; undefined while it does not listen. */
  get port(): number | undefined {
    return this.stopped ? undefined : this.#core.state.port;
  }

  /** `http://localhost:5000/`; '' while it does not listen. */
  get url(): string {
    return this.#core.state.url;
  }

  /** Bytes of a body held in memory; more is 413 (API row SV25, decision D8: the API's documentation calls it a maximum). */
  get requestBufferSize(): number {
    return this.#settings.limits.bodyLimit;
  }
  set requestBufferSize(bytes: number) {
    if (!(Number.isInteger(bytes) && bytes > 0))
      throw new HttpError('INVALID_SETTING', {
        message: 'Server.requestBufferSize must be a positive number of bytes.',
      });
    this.#configure({ limits: { ...this.#settings.limits, bodyLimit: bytes } });
  }

  /** Seconds for the head of a request, and without progress of its body; then 408 (API row SV26, decision D7). */
  get socketTimeout(): number {
    return this.#settings.limits.headersTimeout;
  }
  set socketTimeout(seconds: number) {
    if (!(typeof seconds === 'number' && seconds > 0))
      throw new HttpError('INVALID_SETTING', {
        message: 'Server.socketTimeout must be a positive numeric value.',
      });
    this.#configure({
      limits: { ...this.#settings.limits, headersTimeout: seconds, bodyProgressTimeout: seconds },
    });
  }

  /**
   * Adds a route; the first whose method and path fit serves (API rows SV6–SV9).
   * @returns the handler, so that it can be given to further routes and servers
   * @throws PatternError, HttpError INVALID_SETTING
   */
  route(path: string, methods: string | Iterable<string> = GET, handler: Handler, options?: RouteOptions): Handler {
    this.#router.add([new Route(path, methods, handler, options)]);
    return handler;
  }

  /** Adds routes in their order (API row SV7). */
  addRoutes(routes: readonly Route[]): void {
    this.#router.add(routes);
  }

  /**
   * Demands one of these of every request, files and unknown paths too, before a byte of a body is read (API row
   * SV20). [] for nobody's.
   */
  requireAuthentication(authentications: readonly Authentication[]): void {
    this.#authentications = authentications;
    this.#configure({});
  }

  /**
   * Listens (API row SV21).
   * @param port 0 picks a free one
   * @throws HttpError PORT_IN_USE, PORT_FORBIDDEN, LISTEN_FAILED, BAD_CERTIFICATE; the server is stopped then
   */
  async start(host = '0.0.0.0', port = 5000): Promise<void> {
    if (!this.stopped) throw new HttpError('LISTEN_FAILED', { message: 'The server listens already: stop it first.' });
    const tls = readCertificate(this.#options);
    if (tls) this.#core.setCertificate(tls);
    this.#core.address = { host, port };
    await this.#core.start();
    this.say(
      `Started development server on ${this.https ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${String(this.port)}`,
    );
  }

  /**
   * Stops to listen (API row SV24). Handlers and answers under way get 5 seconds, so a handler may call this and still
   * answer; event streams and WebSockets are closed. The server can be started again.
   */
  async stop(): Promise<void> {
    if (this.stopped) return;
    await this.#core.stop({ wait: true });
    this.say('Stopped development server');
  }

  /** Listens until {@link stop} is called or the process is interrupted (API row SV23). @throws as {@link start} */
  async serveForever(host?: string, port?: number): Promise<void> {
    await this.start(host, port);
    const interrupt = (): void => void this.stop();
    process.once('SIGINT', interrupt);
    await new Promise<void>((resolve) => {
      const look = ({ state }: ServerState): void => {
        if (state !== 'stopped') return;
        this.off('state', look);
        resolve();
      };
      this.on('state', look);
    });
    process.off('SIGINT', interrupt);
  }

  /**
   * What became of the next request that ends (API row SV22, P7): requests are served without it, polling only looks.
   * Results since the first call wait, at most 1,000.
   * @param seconds how long to wait for one; then NO_REQUEST
   * @throws HttpError SERVER_STOPPED
   */
  async poll(seconds = 0): Promise<PollResult> {
    if (!this.#polled) {
      const queue = new PollQueue();
      this.#polled = queue;
      this.on('record', ({ result }: ExchangeRecord) => queue.put(result));
    }
    if (this.stopped) throw new HttpError('SERVER_STOPPED');
    return this.#polled.take(seconds * 1000);
  }

  /** Says a line when `debug` is on. @internal */
  say(line: string): void {
    if (this.debug) this.#logger.info(line);
  }

  /** Says what somebody should mend. @internal */
  warn(line: string): void {
    this.#logger.warn(line);
  }

  override toString(): string {
    return `<Server host=${String(this.host)}, port=${String(this.port)}, rootPath=${this.rootPath}>`;
  }

  #configure(change: Partial<ServerSettings>): void {
    const settings = { ...this.#settings, ...change };
    const access = this.#authentications.length > 0 ? accessOf(this.#authentications, this) : undefined;
    this.#core.configure(settings, access);
    this.#settings = settings;
  }
}
