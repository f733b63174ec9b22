// The clients: raw sockets with keep-alive, no pipelining, nothing parsed but the first answer of each connection. They
// live in the bench's own process, so that none of their work counts for the server.
import net from 'node:net';
import { performance } from 'node:perf_hooks';

/** A request as bytes. */
export function requestOf(path, { method = 'GET', headers = {}, body = '' } = {}) {
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: bench.local'];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (body.length > 0) lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), Buffer.from(body)]);
}

/** Memory all clients read into: what they receive is counted, not kept. */
const sink = Buffer.allocUnsafeSlow(256 * 1024);

/** One keep-alive connection that sends its requests in turn, again and again. All answers must be of the same size. */
class Client {
  #socket;
  #requests;
  #turn;
  #head = Buffer.alloc(0);
  #size = 0;
  #left = 0;
  #onAnswer;
  /** When the request now under way was due. */
  since = 0;

  constructor(port, requests, turn, onAnswer, onError) {
    this.#requests = requests;
    this.#turn = turn;
    this.#onAnswer = onAnswer;
    this.#socket = net.connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: sink,
        callback: (length) => {
          try {
            this.#read(length);
          } catch (error) {
            onError(error);
          }
          return true;
        },
      },
    });
    this.#socket.on('error', onError);
    this.#socket.on('close', () => onError(new Error('The server closed a connection')));
  }

  send() {
    this.#left = this.#size;
    this.#socket.write(this.#requests[this.#turn % this.#requests.length]);
    this.#turn += 1;
  }

  close() {
    this.#socket.removeAllListeners('close');
    this.#socket.removeAllListeners('error');
    this.#socket.on('error', () => undefined);
    this.#socket.destroy();
  }

  #read(length) {
    if (this.#size === 0) {
      this.#learn(Buffer.from(sink.subarray(0, length)));
      return;
    }
    if (this.#left === this.#size && sink.toString('latin1', 9, 12) !== '200')
      throw new Error(`Not answered with 200: ${sink.toString('latin1', 0, Math.min(length, 200))}`);
    this.#left -= length;
    if (this.#left < 0) throw new Error('An answer is longer than the first');
    if (this.#left === 0) this.#onAnswer(this);
  }

  /** The first answer tells how long each will be. */
  #learn(bytes) {
    this.#head = Buffer.concat([this.#head, bytes]);
    const end = this.#head.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = this.#head.toString('latin1', 0, end);
    if (!head.startsWith('HTTP/1.1 200')) throw new Error(`Not answered with 200: ${this.#head.toString()}`);
    const length = /^content-length: (\d+)$/im.exec(head);
    if (!length) throw new Error(`An answer without Content-Length: ${head}`);
    if (this.#head.length < end + 4 + Number(length[1])) return;
    this.#size = end + 4 + Number(length[1]);
    this.#head = undefined;
    this.#onAnswer(this);
  }
}

/** Opens connections and sends one request on each. @returns them, idle */
async function open(port, request, connections) {
  const requests = Array.isArray(request) ? request : [request];
  const pool = { clients: [], onAnswer: undefined, onError: undefined };
  for (let done = 0; done < connections; done += 100) {
    const count = Math.min(100, connections - done);
    await new Promise((resolve, reject) => {
      let missing = count;
      pool.onAnswer = () => (missing -= 1) === 0 && resolve();
      pool.onError = reject;
      for (let index = 0; index < count; index += 1) {
        const client = new Client(
          port,
          requests,
          Math.floor((pool.clients.length * requests.length) / connections),
          (one) => pool.onAnswer(one),
          (error) => pool.onError(error),
        );
        pool.clients.push(client);
        client.send();
      }
    });
  }
  return pool;
}

/**
 * `request` is one, or a list that every connection walks from a place of its own.
 * Each connection asks again as soon as it has its answer, for so many seconds.
 * @param around called with the load itself: what it measures is not the opening of connections
 * @returns requests answered and seconds it took
 */
export async function saturate(port, { request, connections = 32, seconds = 1, around = (run) => run() }) {
  const pool = await open(port, request, connections);
  try {
    return await around(
      () =>
        new Promise((resolve, reject) => {
          let requests = 0;
          let running = pool.clients.length;
          const begun = performance.now();
          const until = begun + seconds * 1000;
          pool.onError = reject;
          pool.onAnswer = (client) => {
            requests += 1;
            const now = performance.now();
            if (now < until) client.send();
            else if ((running -= 1) === 0) resolve({ requests, seconds: (now - begun) / 1000 });
          };
          for (const client of pool.clients) client.send();
        }),
    );
  } finally {
    for (const client of pool.clients) client.close();
  }
}

/**
 * Requests at a fixed rate, whatever the server does: a request that finds no free connection waits, and its waiting
 * counts.
 * @returns latencies in milliseconds, sorted
 */
export async function pace(port, { request, connections = 64, seconds = 5, rate }) {
  const pool = await open(port, request, connections);
  const latencies = [];
  try {
    await new Promise((resolve, reject) => {
      const free = [...pool.clients];
      const due = [];
      const begun = performance.now();
      const total = Math.floor(rate * seconds);
      let sent = 0;
      const send = (client, since) => {
        client.since = since;
        client.send();
      };
      pool.onError = reject;
      pool.onAnswer = (client) => {
        latencies.push(performance.now() - client.since);
        if (latencies.length === total) {
          clearInterval(timer);
          resolve();
        }
        const waiting = due.shift();
        if (waiting === undefined) free.push(client);
        else send(client, waiting);
      };
      const timer = setInterval(() => {
        const now = performance.now();
        const wanted = Math.min(total, Math.floor(((now - begun) / 1000) * rate));
        for (; sent < wanted; sent += 1) {
          const client = free.shift();
          if (client) send(client, now);
          else due.push(now);
        }
      }, 1);
    });
  } finally {
    for (const client of pool.clients) client.close();
  }
  return latencies.sort((a, b) => a - b);
}
