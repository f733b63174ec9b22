import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { connect, Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { isHttpError } from '../../../src/errors.js';
import type { SocketChannel } from '../../../src/websocket/channel.js';
import type { AcceptContext } from '../../../src/websocket/channel.js';
import type { Connection } from '../../../src/websocket/connection.js';

export const sampleKey = 'dGhlIHNhbXBsZSBub25jZQ==';

export interface Frame {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly payload: Buffer;
}

interface FrameOptions {
  readonly fin?: boolean;
  readonly rsv?: number;
  readonly mask?: boolean;
  readonly key?: Buffer;
}

/** One client frame, as wrong as wanted. */
export function frame(opcode: number, payload: string | Uint8Array = '', options: FrameOptions = {}): Buffer {
  const { fin = true, rsv = 0, mask = true, key = Buffer.from([0x12, 0x34, 0x56, 0x78]) } = options;
  const data = Buffer.from(payload as string);
  const length =
    data.length < 126
      ? [data.length]
      : data.length < 65536
        ? [126, data.length >> 8, data.length & 0xff]
        : [127, 0, 0, 0, 0, ...new Uint8Array(Buffer.from(data.length.toString(16).padStart(8, '0'), 'hex'))];
  length[0] = (length[0] ?? 0) | (mask ? 0x80 : 0);
  const head = Buffer.from([(fin ? 0x80 : 0) | (rsv << 4) | opcode, ...length]);
  if (!mask) return Buffer.concat([head, data]);
  for (let index = 0; index < data.length; index++) data[index]! ^= key[index % 4]!;
  return Buffer.concat([head, key, data]);
}

/** A close frame's payload. */
export function closing(code: number, reason: string | Uint8Array = ''): Buffer {
  return Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason as string)]);
}

/** A WebSocket client of bytes: sends what it is told, keeps the frames that come back. */
export class RawClient {
  readonly socket: Socket;
  /** Status line and headers of the answer. */
  head = '';
  readonly frames: Frame[] = [];
  /** True once the server has ended the connection. */
  ended = false;
  #received = Buffer.alloc(0);
  #wake: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#parse();
      this.#wake?.();
    });
    const end = (): void => {
      this.ended = true;
      this.#wake?.();
    };
    socket.on('end', end).on('close', end);
  }

  static async open(port: number, headers: readonly string[] = [], more?: Uint8Array): Promise<RawClient> {
    const client = await RawClient.request(
      port,
      [
        'GET /chat HTTP/1.1',
        'Host: 127.0.0.1',
        'Upgrade: websocket',
        'Connection: Upgrade',
        `Sec-WebSocket-Key: ${sampleKey}`,
        'Sec-WebSocket-Version: 13',
        ...headers,
      ],
      more,
    );
    return client;
  }

  /** Sends any request and waits for the head of the answer. */
  static async request(port: number, lines: readonly string[], more: Uint8Array = Buffer.alloc(0)): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1');
    const client = new RawClient(socket);
    await once(socket, 'connect');
    socket.write(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), more]));
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

  send(...parts: Uint8Array[]): void {
    this.socket.write(Buffer.concat(parts));
  }

  /** The next frame that has not been taken yet. Rejects when the connection ends first. */
  async next(): Promise<Frame> {
    await this.until(() => this.frames.length > 0 || this.ended);
    const next = this.frames.shift();
    if (next === undefined) throw new Error('The connection ended without a frame.');
    return next;
  }

  /** The next message as text. */
  async text(): Promise<string> {
    return (await this.next()).payload.toString();
  }

  /** Reads up to the close frame and the end of the connection. `code` is 1005 for an empty close frame. */
  async closed(): Promise<{ code: number; reason: string; before: Frame[] }> {
    await this.until(() => this.ended);
    const index = this.frames.findIndex((one) => one.opcode === 8);
    const close = this.frames[index];
    if (close === undefined) return { code: 1006, reason: '', before: this.frames };
    return {
      code: close.payload.length === 0 ? 1005 : close.payload.readUInt16BE(0),
      reason: close.payload.toString('utf8', 2),
      before: this.frames.slice(0, index),
    };
  }

  async until(condition: () => boolean, milliseconds = 5000): Promise<void> {
    const late = setTimeout(() => this.#wake?.(), milliseconds);
    const deadline = Date.now() + milliseconds;
    while (!condition()) {
      if (Date.now() >= deadline) throw new Error('Nothing came in time.');
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    clearTimeout(late);
  }

  #parse(): void {
    if (this.head === '') {
      const end = this.#received.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.head = this.#received.toString('latin1', 0, end);
      this.#received = this.#received.subarray(end + 4);
    }
    if (this.status !== 101) return;
    for (;;) {
      const data = this.#received;
      if (data.length < 2) return;
      const short = data[1]! & 0x7f;
      const start = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (data.length < start) return;
      const size = short < 126 ? short : short === 126 ? data.readUInt16BE(2) : Number(data.readBigUInt64BE(2));
      if (data.length < start + size) return;
      this.frames.push({
        fin: data[0]! >= 0x80,
        rsv: (data[0]! >> 4) & 7,
        opcode: data[0]! & 0x0f,
        payload: data.subarray(start, start + size),
      });
      this.#received = data.subarray(start + size);
    }
  }
}

export interface TestServer {
  readonly port: number;
  readonly server: http.Server;
  /** Server sides of the connections in order of arrival. */
  readonly connections: Connection<TestInfo>[];
  stop(): Promise<void>;
}

export interface TestInfo {
  readonly path: string;
}

/** A plain Node server that offers each upgrade to a channel, and answers the error if it is refused. */
export async function serve(
  channel: SocketChannel<TestInfo>,
  context: Partial<AcceptContext<TestInfo>> = {},
): Promise<TestServer> {
  const server = http.createServer((_request, response) => response.end());
  const connections: Connection<TestInfo>[] = [];
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request, duplex, head) => {
    const socket = duplex;
    assert.ok(socket instanceof Socket);
    try {
      const connection = channel.accept(request, () => ({ socket, head }), {
        protocol: 'http',
        host: request.headers.host ?? '',
        info: { path: request.url ?? '' },
        ...context,
      });
      if (connection) connections.push(connection);
    } catch (error) {
      if (!isHttpError(error)) throw error;
      const headers = Object.entries(error.headers ?? {}).map(([name, value]) => `${name}: ${String(value)}\r\n`);
      socket.end(
        `HTTP/1.1 ${error.status} ${error.code}\r\n${headers.join('')}Connection: close\r\n\r\n${error.message}`,
      );
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    server,
    connections,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A channel's listener that sends every message back. */
export function echo(channel: SocketChannel<TestInfo>): void {
  channel.listen({
    onMessage: ({ data, client }) => {
      channel.send(data, { client });
    },
  });
}
