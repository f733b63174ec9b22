import type { EventEmitter } from 'node:events';
import http from 'node:http';
import type https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { HttpError } from '../errors.js';
import type { HeaderField } from '../exchange/context.js';
import { lingerLimits } from '../exchange/error-answer.js';
import { IncomingMessage } from '../exchange/request.js';
import { ServerResponse } from '../exchange/response.js';
import { lazily } from '../lazily.js';
import { EarlyData } from './early-data.js';
import type { ParseError } from './parse-error.js';
import { encodeRawAnswer, sendLast } from './raw-answer.js';
import { allowedMethods } from './request-checks.js';
import type * as SecureOptions from './secure-options.js';
import type { SecureSettings } from './secure-options.js';
import type { Address, Limits } from './settings.js';

const encryption = lazily(() => require('node:https') as typeof https);
const secure = lazily(() => require('./secure-options.js') as typeof SecureOptions);

/** What a listener reports. */
export interface ListenerEvents {
  request(request: IncomingMessage, response: ServerResponse, expectation: 'none' | 'continue' | 'bad'): void;
  /** A WebSocket upgrade: Node no longer serves the connection, the response writes to its socket. */
  upgrade(request: IncomingMessage, response: ServerResponse, socket: Socket, head: Buffer): void;
  /** Whether one more TLS handshake may begin beside so many. */
  hasRoom(handshakes: number): boolean;
  /** A new connection. Return false when it was refused. */
  connection(socket: Socket): boolean;
  /** Runs `act` when the requests before on this connection are over: at once if there are none. */
  whenAnswered(socket: Socket, act: () => void): void;
  parseError(error: ParseError, socket: Socket): void;
  /** The head of a request did not come in time. Return true to decide later, and call `act` if it has not come then. */
  late(socket: Socket, act: () => void): boolean;
  /** The server's default headers, for answers that belong to no exchange. */
  defaultHeaders(): Iterable<HeaderField>;
}

/**
 * Connections that may wait to be accepted; Linux allows no more by itself. Past it the system drops what comes, and a
 * client that had come in a flood of others tries again only after 1, 3 and 7 seconds.
 */
const backlog = 4096;

/** The listening socket and Node's server behind it. */
export class Listener {
  readonly #server: http.Server<typeof IncomingMessage, typeof ServerResponse>;
  readonly #secure: boolean;
  /** Ends a {@link listen} that is under way. */
  #abandon: (() => void) | undefined;
  /** Connections that have not finished their TLS handshake. */
  readonly #handshakes = new Set<Socket>();

  /** @throws HttpError BAD_CERTIFICATE */
  constructor(events: ListenerEvents, limits: Limits, tls: SecureSettings | undefined) {
    const options = {
      IncomingMessage,
      ServerResponse,
      maxHeaderSize: limits.maxHeaderSize,
      connectionsCheckingInterval: 500,
      // Checked by us: Node would answer before the response belongs to an exchange.
      requireHostHeader: false,
      insecureHTTPParser: false,
      requestTimeout: 0,
    };
    this.#secure = tls !== undefined;
    try {
      this.#server = tls ? encrypted(options, tls) : http.createServer(options);
    } catch (cause) {
      throw badCertificate(cause);
    }
    this.#server.maxHeadersCount = 0;
    this.apply(limits);
    this.#listen(events);
  }

  /** Settings that take effect for connections already open. */
  apply(limits: Limits): void {
    const server = this.#server as http.Server & { keepAliveTimeoutBuffer?: number };
    server.headersTimeout = limits.headersTimeout * 1000;
    server.keepAliveTimeout = limits.keepAliveTimeout * 1000;
    server.keepAliveTimeoutBuffer = 0;
  }

  /** Uses other certificate material for handshakes from now on. @throws HttpError BAD_CERTIFICATE: the old one stays */
  setCertificate(tls: SecureSettings): void {
    if (!this.#secure) return;
    try {
      const server = this.#server as unknown as https.Server & { requestCert: boolean; rejectUnauthorized: boolean };
      const options = secure().secureOptions(tls);
      server.setSecureContext(options);
      // Not part of the context, and read at each handshake.
      server.requestCert = options.requestCert === true;
      server.rejectUnauthorized = options.rejectUnauthorized === true;
    } catch (cause) {
      throw badCertificate(cause);
    }
  }

  /** Starts to listen. @throws HttpError PORT_IN_USE, PORT_FORBIDDEN, LISTEN_FAILED with what to do about it */
  listen(address: Address): Promise<AddressInfo> {
    return new Promise((resolve, reject) => {
      const fail = (error: NodeJS.ErrnoException): void => reject(listenError(error, address));
      // Node says nothing about a server that is closed while its address is looked up.
      this.#abandon = () => reject(new HttpError('SERVER_STOPPED'));
      this.#server.once('error', fail);
      this.#server.listen({ host: address.host, port: address.port, exclusive: true, backlog }, () => {
        this.#server.off('error', fail);
        // Later errors (no descriptor left for accept) pass: the next accept works or fails by itself.
        this.#server.on('error', () => undefined);
        resolve(this.#server.address() as AddressInfo);
      });
    });
  }

  /** Stops to listen; open connections go on. Resolves when the last one has ended. */
  close(): Promise<void> {
    this.#abandon?.();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeIdleConnections();
      for (const socket of this.#handshakes) socket.destroy();
    });
  }

  /** Closes connections that carry no request now. */
  closeIdle(): void {
    this.#server.closeIdleConnections();
  }

  #listen(events: ListenerEvents): void {
    const server = this.#server;
    server.on('request', (request, response) => events.request(request, response, 'none'));
    server.on('checkContinue', (request, response) => events.request(request, response, 'continue'));
    server.on('checkExpectation', (request, response) => events.request(request, response, 'bad'));
    const broken = new WeakSet();
    server.on('clientError', (error: ParseError, duplex) => {
      const socket = duplex as Socket;
      if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && events.late(socket, () => events.parseError(error, socket)))
        return;
      if (!broken.has(socket)) {
        broken.add(socket);
        events.parseError(error, socket);
      } else if (socket.bytesRead > lingerLimits.bytes) {
        // Node reports the same error again for each packet that comes behind it.
        socket.destroy();
      }
    });
    server.on('timeout', (socket: Socket) => {
      // An idle connection: but if the process stood still, its next request may be here and not read yet.
      const { bytesRead } = socket;
      setImmediate(() => {
        if (socket.bytesRead === bytesRead) socket.destroy();
      });
    });
    // Node hands these connections out at once; answers to pipelined requests before them come first (RFC 9112 9.3.2).
    const takeOver = (socket: Socket, head: Buffer, act: (head: Buffer) => void): void => {
      socket.on('error', ignore);
      const early = new EarlyData(socket, head);
      events.whenAnswered(socket, () => {
        socket.setTimeout(0);
        const bytes = early.take();
        if (!socket.destroyed && socket.writable) act(bytes);
      });
    };
    server.on('connect', (_request, duplex, head) => {
      const socket = duplex as Socket;
      takeOver(socket, head, () =>
        sendLast(
          socket,
          encodeRawAnswer({
            status: 405,
            headers: { Allow: allowedMethods.join(', ') },
            defaults: events.defaultHeaders(),
          }),
        ),
      );
    });
    const connected = this.#secure ? 'secureConnection' : 'connection';
    const known = new WeakSet();
    if (this.#secure)
      server.prependListener('connection', (socket: Socket) => {
        // Who does not finish the handshake counts like any other connection (threats T14, T80).
        if (!events.hasRoom(this.#handshakes.size)) {
          socket.destroy();
          return;
        }
        this.#handshakes.add(socket);
        socket.once('close', () => this.#handshakes.delete(socket));
      });
    server.prependListener(connected, (socket: Socket) => {
      if (known.has(socket)) return;
      known.add(socket);
      this.#handshakes.delete((socket as { _parent?: Socket })._parent ?? socket);
      events.connection(socket);
    });
    server.on('upgrade', (request, duplex, first) => {
      const socket = duplex as Socket;
      takeOver(socket, first, (head) => {
        if (isWebSocketUpgrade(request)) events.upgrade(request, new ServerResponse(request), socket, head);
        else {
          // Node looks after it again.
          socket.off('error', ignore);
          withoutUpgrade(server, connected, request, socket, head);
        }
      });
    });
    server.on('tlsClientError', (error: ParseError, socket: Socket) => {
      // Plain HTTP on the TLS port: the client can read a plain answer.
      if (error.code === 'ERR_SSL_HTTP_REQUEST') answerPlainHttp(socket, events.defaultHeaders());
      else socket.destroy();
    });
  }
}

function encrypted(
  options: http.ServerOptions<typeof IncomingMessage, typeof ServerResponse>,
  tls: SecureSettings,
): https.Server<typeof IncomingMessage, typeof ServerResponse> {
  return encryption().createServer({ ...options, ...secure().secureOptions(tls) });
}

// A function made beside others would keep what they hold, the request included, for as long as the connection lives.
function ignore(): void {
  // The end of the connection tells enough.
}

function isWebSocketUpgrade(request: IncomingMessage): boolean {
  return request.headers.upgrade?.trim().toLowerCase() === 'websocket';
}

/**
 * Serves a request that asks for another protocol (h2c, TLS) as if it had not asked: its head goes back into the
 * socket without the Upgrade header and is parsed again (RFC 9110 7.8: a server may ignore Upgrade).
 */
function withoutUpgrade(
  server: EventEmitter,
  event: string,
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
): void {
  const lines = [`${request.method ?? 'GET'} ${request.url ?? '/'} HTTP/${request.httpVersion}`];
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const name = request.rawHeaders[index] ?? '';
    const value = request.rawHeaders[index + 1] ?? '';
    const lower = name.toLowerCase();
    if (lower === 'upgrade' || lower === 'http2-settings') continue;
    if (lower === 'connection')
      lines.push(
        `${name}: ${
          value
            .split(',')
            .filter((token) => !/^\s*(upgrade|http2-settings)\s*$/i.test(token))
            .join(',') || 'keep-alive'
        }`,
      );
    else lines.push(`${name}: ${value}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit(event, socket);
  socket.resume();
}

function answerPlainHttp(socket: Socket & { _parent?: Socket }, defaults: Iterable<HeaderField>): void {
  const raw = (socket as unknown as { _parent?: Socket })._parent ?? socket;
  raw.on('error', () => undefined);
  if (raw.writable)
    raw.end(encodeRawAnswer({ status: 400, defaults, text: 'This port speaks HTTPS. Use https:// in the address.' }));
  socket.destroy();
}

function badCertificate(cause: unknown): HttpError {
  if (cause instanceof HttpError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new HttpError('BAD_CERTIFICATE', {
    message: `tls: the certificate or key cannot be used (${reason}).`,
    cause,
  });
}

function listenError(error: NodeJS.ErrnoException, { host, port }: Address): HttpError {
  const where = `${host}:${port}`;
  switch (error.code) {
    case 'EADDRINUSE':
      return new HttpError('PORT_IN_USE', {
        message: `Port ${port} is already in use on ${host}. Stop the other program or choose another port; trying again every 5 seconds.`,
        cause: error,
      });
    case 'EACCES':
      return new HttpError('PORT_FORBIDDEN', {
        message: `Port ${port} is not permitted. Ports below 1024 need a privilege: choose a higher port, or allow Node.js to bind low ports (setcap cap_net_bind_service=+ep). Trying again every 5 seconds.`,
        cause: error,
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EINVAL':
      return new HttpError('LISTEN_FAILED', {
        message: `This machine has no address ${host}. Use 0.0.0.0 for all addresses or one of its own; trying again every 5 seconds.`,
        cause: error,
      });
    default:
      return new HttpError('LISTEN_FAILED', {
        message: `Cannot start server on ${where} (${error.code ?? error.message}); trying again every 5 seconds.`,
        cause: error,
      });
  }
}
