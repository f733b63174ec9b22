import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventFrame } from '../../../src/sse/event-frame.js';
import { EventStream } from '../../../src/sse/event-stream.js';
import type { EventStreamOptions } from '../../../src/sse/event-stream.js';
import { serve, StreamClient } from './stream-client.js';
import type { TestServer } from './stream-client.js';

const servers: TestServer[] = [];

interface Opened {
  client: StreamClient;
  stream: EventStream;
  /** Times the stream was reported to be over. */
  ends: number[];
}

async function open(
  prepare: (response: ServerResponse, request: IncomingMessage) => void = () => undefined,
  options: EventStreamOptions = {},
  start?: string,
): Promise<Opened> {
  const ends: number[] = [];
  let stream: EventStream | undefined;
  const server = await serve((request, response) => {
    prepare(response, request);
    stream = new EventStream(request, response, { ...options, onEnd: () => ends.push(Date.now()) });
  });
  servers.push(server);
  const client = await StreamClient.open(server.port, [], start);
  return { client, stream: stream!, ends };
}

const hello = new EventFrame('data: hello\n\n');

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

describe('Head of an event stream', () => {
  it('has the headers of API row SS1 and leaves at once, with a first comment', async () => {
    const { client } = await open();
    assert.equal(client.status, 200);
    assert.equal(client.header('Content-Type'), 'text/event-stream');
    assert.equal(client.header('Cache-Control'), 'no-cache');
    assert.equal(client.header('Connection'), 'keep-alive');
    assert.equal(client.header('X-Accel-Buffering'), 'no');
    assert.equal(client.header('Content-Length'), undefined);
    await client.until(() => client.body !== '');
    assert.equal(client.body, ':\n\n');
  });

  it('keeps headers that are set already, in any case', async () => {
    const { client } = await open((response) => {
      response.setHeader('cache-control', 'no-store');
      response.setHeader('X-Custom', 'yes');
      response.setHeader('content-type', 'text/event-stream; charset=utf-8');
    });
    assert.equal(client.header('Cache-Control'), 'no-store');
    assert.equal(client.header('X-Custom'), 'yes');
    assert.equal(client.header('Content-Type'), 'text/event-stream; charset=utf-8');
  });

  it('tells how long to wait before reconnecting, 0 included', async () => {
    for (const retry of [0, 2500]) {
      const { client } = await open(undefined, { retry });
      await client.until(() => client.body !== '');
      assert.equal(client.retry, retry);
    }
  });

  it('is all that a HEAD gets', async () => {
    const { client, stream } = await open(undefined, {}, 'HEAD /events HTTP/1.1');
    assert.equal(client.header('Content-Type'), 'text/event-stream');
    assert.equal(stream.ended, true);
    assert.equal(stream.send(hello), false);
    await sleep(30);
    assert.equal(client.body, '');
  });

  it('is refused on a response that has begun', async () => {
    const codes: unknown[] = [];
    const server = await serve((request, response) => {
      response.write('begun');
      try {
        new EventStream(request, response);
      } catch (error) {
        codes.push((error as { code: string }).code);
      }
      response.end();
    });
    servers.push(server);
    await StreamClient.open(server.port);
    assert.deepEqual(codes, ['ALREADY_ANSWERED']);
  });

  it('is not begun with a retry that cannot be sent', async () => {
    const server = await serve((request, response) => {
      assert.throws(() => new EventStream(request, response, { retry: -1 }), { code: 'INVALID_PAYLOAD' });
      response.statusCode = 500;
      response.end();
    });
    servers.push(server);
    assert.equal((await StreamClient.open(server.port)).status, 500);
  });
});

describe('Sending on an event stream', () => {
  it('arrives as well-formed chunks', async () => {
    const { client, stream } = await open();
    for (let index = 0; index < 100; index++) assert.equal(stream.send(new EventFrame(`data: ${index}\n\n`)), true);
    await client.until(() => client.events.length === 100);
    assert.deepEqual(
      client.data,
      Array.from({ length: 100 }, (_, index) => String(index)),
    );
  });

  it('works for a client that speaks HTTP/1.0: no chunks, the end of the connection ends it', async () => {
    const { client, stream } = await open(undefined, {}, 'GET /events HTTP/1.0');
    assert.equal(client.header('Transfer-Encoding'), undefined);
    stream.send(hello);
    stream.close();
    await client.until(() => client.ended);
    assert.equal(client.body, ':\n\ndata: hello\n\nevent: close\ndata:\n\n');
  });

  it('goes through a middleware that has replaced write, as compressing ones do', async () => {
    const written: string[] = [];
    const { client, stream } = await open((response) => {
      const write = response.write.bind(response);
      response.write = ((chunk: Buffer) => {
        written.push(chunk.toString());
        return write(chunk);
      }) as typeof response.write;
    });
    stream.send(hello);
    await client.until(() => client.events.length === 1);
    assert.deepEqual(written, [':\n\n', 'data: hello\n\n']);
  });

  it('waits its turn behind an earlier request on the same connection', async () => {
    const streams: EventStream[] = [];
    const server = await serve((request, response) => {
      if (request.url === '/slow') setTimeout(() => response.end('first'), 50);
      else {
        const stream = new EventStream(request, response);
        stream.send(hello);
        streams.push(stream);
      }
    });
    servers.push(server);
    const socket = connect(server.port, '127.0.0.1');
    let seen = '';
    socket.on('data', (chunk) => (seen += chunk.toString()));
    const request = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`;
    socket.write(request('/slow') + request('/events'));
    for (let turn = 0; turn < 100 && streams.length === 0; turn++) await sleep(5);
    streams[0]!.send(hello);
    assert.equal(seen, '');
    for (let turn = 0; turn < 100 && seen.split('data: hello').length < 3; turn++) await sleep(5);
    assert.match(
      seen,
      /\r\n\r\nfirstHTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n3\r\n:\n\n\r\nd\r\ndata: hello\n\n\r\nd\r\ndata: hello\n\n\r\n$/,
    );
    socket.destroy();
  });

  it('sends nothing once the client is gone, and says so', async () => {
    const { client, stream, ends } = await open();
    client.socket.destroy();
    for (let turn = 0; turn < 100 && ends.length === 0; turn++) await sleep(5);
    assert.deepEqual([stream.ended, stream.send(hello), ends.length], [true, false, 1]);
    stream.close();
    stream.close();
    await sleep(10);
    assert.equal(ends.length, 1);
  });

  it('notices at once that a client has left, and one that only ended its side', async () => {
    for (const leave of ['destroy', 'end', 'resetAndDestroy'] as const) {
      const { client, ends } = await open();
      const start = Date.now();
      client.socket[leave]();
      for (let turn = 0; turn < 100 && ends.length === 0; turn++) await sleep(5);
      assert.equal(ends.length, 1, leave);
      assert.ok(ends[0]! - start < 200, leave);
    }
  });
});

describe('Closing an event stream', () => {
  it('says a complete "event: close", then ends the response (API row SS5, repaired)', async () => {
    const { client, stream } = await open();
    stream.send(hello);
    stream.close();
    await client.until(() => client.complete);
    assert.deepEqual(client.events, [
      { event: 'message', data: 'hello', id: '' },
      { event: 'close', data: '', id: '' },
    ]);
    assert.equal(stream.send(hello), false);
  });

  it('leaves the connection open for the next request', async () => {
    const server = await serve((request, response) => {
      if (request.url === '/next') response.end('data: next\n\n');
      else new EventStream(request, response).close();
    });
    servers.push(server);
    const client = await StreamClient.open(server.port);
    await client.until(() => client.complete);
    let answer = '';
    client.socket.removeAllListeners('data').on('data', (chunk) => (answer += chunk.toString()));
    client.socket.write('GET /next HTTP/1.1\r\nHost: test\r\n\r\n');
    for (let turn = 0; turn < 100 && !answer.includes('next\n'); turn++) await sleep(5);
    assert.match(answer, /^HTTP\/1\.1 200 OK/);
  });

  it('destroy cuts the connection and drops what is queued', async () => {
    const { client, stream, ends } = await open();
    client.socket.pause();
    for (let index = 0; index < 200; index++) stream.send(new EventFrame(`data: ${'x'.repeat(65536)}\n\n`));
    assert.ok(stream.pending > 0);
    stream.destroy();
    assert.equal(stream.send(hello), false);
    for (let turn = 0; turn < 100 && ends.length === 0; turn++) await sleep(5);
    assert.equal(ends.length, 1);
    client.socket.resume();
    await client.until(() => client.ended);
    assert.equal(client.complete, false);
  });
});
