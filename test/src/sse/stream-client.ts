import { once } from 'node:events';
import http from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface ReceivedEvent {
  readonly event: string;
  readonly data: string;
  readonly id: string;
}

/** Reads an event stream as the HTML Standard (9.2.6) says, over a raw socket: head, chunks, fields, events. */
export class StreamClient {
  readonly socket: Socket;
  head = '';
  /** The body so far, without the framing of chunks. */
  body = '';
  readonly events: ReceivedEvent[] = [];
  readonly comments: string[] = [];
  retry: number | undefined;
  lastEventId = '';
  /** True once the last chunk came: the response is complete. */
  complete = false;
  /** True once the connection is over. */
  ended = false;
  #raw = Buffer.alloc(0);
  #body = Buffer.alloc(0);
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      this.#raw = Buffer.concat([this.#raw, chunk]);
      this.#unchunk();
      this.#wake?.();
    });
    const end = (): void => {
      this.ended = true;
      this.#wake?.();
    };
    socket.on('end', end).on('close', end);
  }

  static async open(
    port: number,
    headers: readonly string[] = [],
    start = 'GET /events HTTP/1.1',
  ): Promise<StreamClient> {
    const socket = connect(port, '127.0.0.1');
    const client = new StreamClient(socket);
    await once(socket, 'connect');
    socket.write(`${[start, 'Host: test', ...headers].join('\r\n')}\r\n\r\n`);
    await client.until(() => client.head !== '' || client.ended);
    return client;
  }

  get status(): number {
    return Number(this.head.split(' ')[1]);
  }

  header(name: string): string | undefined {
    const line = this.head.split('\r\n').find((one) => one.toLowerCase().startsWith(`${name.toLowerCase()}: `));
    return line?.slice(name.length + 2);
  }

  /** The data of all events so far. */
  get data(): string[] {
    return this.events.map((one) => one.data);
  }

  async until(condition: () => boolean, milliseconds = 5000): Promise<void> {
    const deadline = Date.now() + milliseconds;
    const late = setTimeout(() => this.#wake?.(), milliseconds + 1);
    while (!condition()) {
      if (Date.now() >= deadline) throw new Error('Nothing came in time.');
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    clearTimeout(late);
  }

  #unchunk(): void {
    if (this.head === '') {
      const end = this.#raw.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.head = this.#raw.toString('latin1', 0, end);
      this.#raw = this.#raw.subarray(end + 4);
    }
    if (this.header('transfer-encoding') !== 'chunked') {
      this.#take(this.#raw);
      this.#raw = Buffer.alloc(0);
      return;
    }
    for (;;) {
      const line = this.#raw.indexOf('\r\n');
      if (line < 0) return;
      const text = this.#raw.toString('latin1', 0, line);
      if (!/^[\da-f]+$/.test(text)) throw new Error(`This is no chunk size: ${text}`);
      const size = Number.parseInt(text, 16);
      if (this.#raw.length < line + 2 + size + 2) return;
      if (this.#raw.toString('latin1', line + 2 + size, line + 4 + size) !== '\r\n')
        throw new Error('A chunk has no end.');
      if (size === 0) this.complete = true;
      this.#take(this.#raw.subarray(line + 2, line + 2 + size));
      this.#raw = this.#raw.subarray(line + 4 + size);
    }
  }

  #take(bytes: Buffer): void {
    this.#body = Buffer.concat([this.#body, bytes]);
    for (;;) {
      const end = this.#body.indexOf('\n\n');
      if (end < 0) return;
      const block = this.#body.toString('utf8', 0, end + 1);
      this.body += `${block}\n`;
      this.#body = this.#body.subarray(end + 2);
      this.#dispatch(block);
    }
  }

  #dispatch(block: string): void {
    let data = '';
    let event = '';
    for (const line of block.split(/\r\n|\r|\n/)) {
      const colon = line.indexOf(':');
      const name = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (line === '') continue;
      if (colon === 0) this.comments.push(value);
      else if (name === 'data') data += `${value}\n`;
      else if (name === 'event') event = value;
      else if (name === 'id' && !value.includes('\0')) this.lastEventId = value;
      else if (name === 'retry' && /^\d+$/.test(value)) this.retry = Number(value);
    }
    if (data !== '') this.events.push({ event: event || 'message', data: data.slice(0, -1), id: this.lastEventId });
  }
}

export interface TestServer {
  readonly port: number;
  readonly server: http.Server;
  stop(): Promise<void>;
}

/** A plain Node server on a free port. */
export async function serve(handler: http.RequestListener): Promise<TestServer> {
  const server = http.createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    server,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
