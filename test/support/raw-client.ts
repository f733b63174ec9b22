import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';

/** One response as it came over the wire: nothing merged, nothing normalised. */
export interface RawResponse {
  readonly version: string;
  readonly status: number;
  readonly reason: string;
  /** Header lines in order, names as sent. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  readonly text: string;
  /** True when the body came in chunks; their sizes in order, without the final 0. */
  readonly chunks: readonly number[] | undefined;
  /** Statuses of the interim responses before it. */
  readonly interim: readonly number[];
  /** The only value of a header; undefined when there is none, throws when there are several. */
  get(name: string): string | undefined;
  all(name: string): string[];
}

/** How long a wait of a test may take at most, in milliseconds. */
const patience = 8000;

/** A client that sends exactly the bytes it is told, when it is told, and keeps exactly what comes back. */
export class RawClient {
  readonly socket: net.Socket;
  #buffer = Buffer.alloc(0);
  #all = Buffer.alloc(0);
  #ended = false;
  #closed = false;
  #wake: (() => void) | undefined;

  private constructor(socket: net.Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#buffer = Buffer.concat([this.#buffer, chunk]);
      this.#all = Buffer.concat([this.#all, chunk]);
      this.#wake?.();
    });
    socket.on('end', () => {
      this.#ended = true;
      this.#wake?.();
    });
    socket.on('close', () => {
      this.#ended = true;
      this.#closed = true;
      this.#wake?.();
    });
    socket.on('error', () => this.#wake?.());
  }

  static async open(
    port: number,
    {
      host = '127.0.0.1',
      secure,
      localAddress,
    }: { host?: string; secure?: tls.ConnectionOptions; localAddress?: string } = {},
  ): Promise<RawClient> {
    const socket = secure
      ? tls.connect({ host, port, rejectUnauthorized: false, ...secure })
      : net.connect({ host, port, ...(localAddress !== undefined && { localAddress }) });
    socket.setNoDelay(true);
    const client = new RawClient(socket);
    await once(socket, secure ? 'secureConnect' : 'connect');
    return client;
  }

  /** Everything that was received so far. */
  get received(): string {
    return this.#all.toString('latin1');
  }

  /** True when the server has sent its FIN or reset the connection. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Sends bytes (a string is latin1: each character one byte). */
  send(bytes: string | Buffer): this {
    if (!this.socket.destroyed) this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    return this;
  }

  /** Sends pieces one after the other, each in a packet of its own. */
  async sendApart(pieces: Iterable<string | Buffer>, pause = 1): Promise<this> {
    for (const piece of pieces) {
      this.send(piece);
      await sleep(pause);
    }
    return this;
  }

  /** The next response. `head` for a request whose answer has no body whatever its length says. */
  async response({ head = false }: { head?: boolean } = {}): Promise<RawResponse> {
    const interim: number[] = [];
    for (;;) {
      const text = await this.#until('a response head', () => {
        const end = this.#buffer.indexOf('\r\n\r\n');
        return end < 0 ? undefined : this.#take(end + 4).toString('latin1', 0, end);
      });
      const [line = '', ...lines] = text.split('\r\n');
      const match = /^HTTP\/(\d\.\d) (\d{3}) ?(.*)$/.exec(line);
      if (!match) throw new Error(`Not a status line: ${JSON.stringify(line)}`);
      const [, version = '', code = '', reason = ''] = match;
      const status = Number(code);
      if (status < 200 && status !== 101) {
        interim.push(status);
        continue;
      }
      const headers = lines.map((one) => {
        const mark = one.indexOf(':');
        return [one.slice(0, mark), one.slice(mark + 1).trim()] as const;
      });
      const all = (name: string): string[] =>
        headers.filter(([key]) => key.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
      const get = (name: string): string | undefined => {
        const values = all(name);
        if (values.length > 1) throw new Error(`${values.length} header lines ${name}`);
        return values[0];
      };
      const chunks = all('transfer-encoding').includes('chunked') && !head ? [] : undefined;
      const body = await this.#body(status, head, get('content-length'), chunks);
      return { version, status, reason, headers, body, text: body.toString(), chunks, interim, get, all };
    }
  }

  /** So many responses in their order. */
  async responses(count: number): Promise<RawResponse[]> {
    const out: RawResponse[] = [];
    while (out.length < count) out.push(await this.response());
    return out;
  }

  /** Resolves when the server has closed; with the bytes nobody has read yet. */
  async closed(): Promise<string> {
    await this.#until('the end of the connection', () => this.#ended || undefined);
    return this.#buffer.toString('latin1');
  }

  /** Resolves when what was received and not yet read satisfies the check. */
  async until(check: (pending: string) => boolean): Promise<string> {
    return this.#until('what the test waits for', () => {
      const text = this.#buffer.toString('latin1');
      return check(text) ? text : undefined;
    });
  }

  destroy(): void {
    this.socket.destroy();
  }

  async #body(
    status: number,
    head: boolean,
    length: string | undefined,
    chunks: number[] | undefined,
  ): Promise<Buffer> {
    if (head || status === 101 || status === 204 || status === 304) return Buffer.alloc(0);
    if (chunks) return this.#chunked(chunks);
    if (length === undefined) {
      await this.closed();
      return this.#take(this.#buffer.length);
    }
    const size = Number(length);
    return this.#until(`${size} bytes of a body`, () => (this.#buffer.length < size ? undefined : this.#take(size)));
  }

  async #chunked(sizes: number[]): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (;;) {
      const line = await this.#line();
      const size = Number.parseInt(line, 16);
      if (Number.isNaN(size)) throw new Error(`Not a chunk size: ${JSON.stringify(line)}`);
      if (size === 0) break;
      sizes.push(size);
      parts.push(await this.#until('a chunk', () => (this.#buffer.length < size + 2 ? undefined : this.#take(size))));
      if ((await this.#line()) !== '') throw new Error('No line end behind a chunk');
    }
    while ((await this.#line()) !== '');
    return Buffer.concat(parts);
  }

  #line(): Promise<string> {
    return this.#until('a line', () => {
      const end = this.#buffer.indexOf('\r\n');
      return end < 0 ? undefined : this.#take(end + 2).toString('latin1', 0, end);
    });
  }

  #take(count: number): Buffer {
    const taken = this.#buffer.subarray(0, count);
    this.#buffer = this.#buffer.subarray(count);
    return taken;
  }

  async #until<T>(what: string, find: () => T | undefined): Promise<T> {
    const deadline = Date.now() + patience;
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      const state = `got ${JSON.stringify(this.#buffer.toString('latin1').slice(0, 300))}`;
      if (this.#closed || (this.#ended && what !== 'the end of the connection'))
        throw new Error(`The connection ended before ${what}: ${state}`);
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`Waited in vain for ${what}: ${state}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

/** Sends one request text on a connection of its own and returns its response; the connection is closed. */
export async function ask(
  port: number,
  request: string | Buffer,
  options: { head?: boolean } = {},
): Promise<RawResponse> {
  const client = await RawClient.open(port);
  try {
    return await client.send(request).response(options);
  } finally {
    client.destroy();
  }
}

/** A GET request text for a path, with further header lines. */
export function get(path: string, ...headers: string[]): string {
  return requestText('GET', path, headers);
}

/** A POST request text with Content-Length. */
export function post(path: string, body: string | Buffer, ...headers: string[]): string {
  const text = typeof body === 'string' ? Buffer.from(body).toString('latin1') : body.toString('latin1');
  return `${requestText('POST', path, [...headers, `Content-Length: ${text.length}`])}${text}`;
}

/** A request text without body. */
export function requestText(method: string, path: string, headers: readonly string[] = []): string {
  return `${[`${method} ${path} HTTP/1.1`, 'Host: test', ...headers].join('\r\n')}\r\n\r\n`;
}
