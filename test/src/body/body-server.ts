import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { BodyBudget } from '../../../src/body/body-budget.js';
import { type ParsedBody, type ParseOptions, parseBody } from '../../../src/body/parse-body.js';
import type { SizeLimit } from '../../../src/body/read-body.js';
import { toHttpError } from '../../../src/exchange/error-answer.js';

/** What became of one request: its parsed body or the error that answers it. */
export interface Outcome {
  readonly body?: ParsedBody;
  readonly code?: string;
  readonly status: number;
  readonly message: string;
  readonly detail?: string | undefined;
  readonly request: http.IncomingMessage;
}

/** A server that parses each body with {@link parseBody} and keeps the outcomes, for raw sockets to talk to. */
export interface BodyServer {
  readonly port: number;
  readonly budget: BodyBudget;
  /** The outcome of the next request that has none taken yet. */
  next(): Promise<Outcome>;
  /** Sends bytes as they are, in the given pieces, and waits for the outcome. */
  send(...pieces: (string | Buffer)[]): Promise<Outcome>;
  /** Sends a whole request with these headers. */
  post(headers: Record<string, string>, body: string | Buffer, method?: string): Promise<Outcome>;
}

/** A limit on bytes. */
export function most(bytes: number, name: SizeLimit['name'] = 'bodyLimit'): SizeLimit {
  return { bytes, name };
}

/** Options of a body that says nothing special. */
export const plainOptions: Omit<ParseOptions, 'budget'> = {
  mode: 'parsed',
  keepRaw: false,
  memoryLimit: most(1024 * 1024),
  uploadLimit: most(8 * 1024 * 1024, 'uploadLimit'),
  maxParameters: 1000,
  upload: 'memory',
  uploadDir: '',
  maxFileSize: undefined,
  maxFiles: 10,
};

/** Starts a body server that ends with the test file. */
export async function startBodyServer(options: Partial<ParseOptions> = {}): Promise<BodyServer> {
  const budget = options.budget ?? new BodyBudget(64 * 1024 * 1024);
  const outcomes: Outcome[] = [];
  const waiting: ((outcome: Outcome) => void)[] = [];
  const report = (outcome: Outcome): void => {
    const taker = waiting.shift();
    if (taker) taker(outcome);
    else outcomes.push(outcome);
  };
  const server = http.createServer((request, response) => {
    // The engine's own requests have such a listener.
    request.on('error', () => undefined);
    parseBody(request, { ...plainOptions, budget, ...options }).then(
      (body) => {
        response.end('ok');
        report({ body, status: 200, message: '', request });
      },
      (thrown: unknown) => {
        const error = toHttpError(thrown);
        response.writeHead(error.status, { Connection: 'close' });
        response.end(error.message);
        report({ code: error.code, status: error.status, message: error.message, detail: error.detail, request });
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const port = (server.address() as net.AddressInfo).port;
  const next = (): Promise<Outcome> => {
    const outcome = outcomes.shift();
    return outcome ? Promise.resolve(outcome) : new Promise((resolve) => waiting.push(resolve));
  };
  const send = async (...pieces: (string | Buffer)[]): Promise<Outcome> => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.setNoDelay(true);
    const outcome = next();
    for (const piece of pieces) {
      socket.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    try {
      return await outcome;
    } finally {
      socket.destroy();
    }
  };
  const post = (headers: Record<string, string>, body: string | Buffer, method = 'POST'): Promise<Outcome> => {
    const length = Buffer.byteLength(body);
    const all = { Host: 'x', 'Content-Length': String(length), ...headers };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    return send(`${method} / HTTP/1.1\r\n${lines.join('')}\r\n`, Buffer.from(body));
  };
  return { port, budget, next, send, post };
}

/** One part of a multipart body; the headers may be given whole. */
export interface Part {
  readonly name?: string;
  readonly filename?: string;
  readonly type?: string;
  readonly headers?: string;
  readonly data: string | Buffer;
}

export const boundary = '----testBoundary7MA4YWxk';
export const multipartType = `multipart/form-data; boundary=${boundary}`;

/** A multipart body with its final boundary. */
export function multipart(parts: readonly Part[], end = `--${boundary}--\r\n`): Buffer {
  const out: Buffer[] = [];
  for (const { name, filename, type, headers, data } of parts) {
    const lines =
      headers ??
      `Content-Disposition: form-data; name="${name ?? ''}"` +
        (filename === undefined ? '' : `; filename="${filename}"`) +
        (type === undefined ? '' : `\r\nContent-Type: ${type}`);
    out.push(Buffer.from(`--${boundary}\r\n${lines}\r\n\r\n`), Buffer.from(data), Buffer.from('\r\n'));
  }
  return Buffer.concat([...out, Buffer.from(end)]);
}

/** An empty folder that is removed with the test file. */
export function emptyFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'body-test-'));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Upload folders of this process in the system's temporary folder. */
export function temporaryFolders(): string[] {
  return fs
    .readdirSync(os.tmpdir())
    .filter((name) => name.startsWith('node-red-http-server-') && name.includes(`-${process.pid}-`));
}

/** Waits until something holds, a second at most. */
export async function until(holds: () => boolean): Promise<boolean> {
  const end = Date.now() + 1000;
  while (!holds() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
  return holds();
}
