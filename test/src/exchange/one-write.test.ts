import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Exchange } from '../../../src/index.js';
import { prepareHead, sendWhole } from '../../../src/exchange/answer.js';
import { RawClient, get } from '../../support/raw-client.js';
import { startAnswering } from './answering.js';

const send = ({ response }: Exchange, body: string | Buffer): void =>
  sendWhole(response, prepareHead(200, undefined, { 'Content-Type': 'text/plain; charset=utf-8' }), body);

/** Counts what a socket is given to write. */
function countPieces({ request }: Exchange): () => number {
  const socket = request.socket as unknown as Record<'_write' | '_writev', (...args: unknown[]) => unknown>;
  const { _write, _writev } = socket;
  let pieces = 0;
  socket._write = (...args) => {
    pieces += 1;
    return _write.apply(socket, args);
  };
  socket._writev = (...args) => {
    pieces += (args[0] as unknown[]).length;
    return _writev.apply(socket, args);
  };
  return () => pieces;
}

describe('A whole answer of text', async () => {
  const { answer, server } = await startAnswering();

  it('goes to the socket in one piece, head and all', async () => {
    let pieces = (): number => 0;
    const text = 'plain '.repeat(500);
    const { text: got, status } = await answer((exchange) => {
      pieces = countPieces(exchange);
      send(exchange, text);
    });
    assert.equal(status, 200);
    assert.equal(got, text);
    assert.equal(pieces(), 1);
  });

  it('does so as bytes, too: all 256 of them', async () => {
    const bytes = Buffer.from(Array.from({ length: 4096 }, (_, index) => index % 256));
    let pieces = (): number => 0;
    const { body } = await answer((exchange) => {
      pieces = countPieces(exchange);
      send(exchange, bytes);
    });
    assert.deepEqual(body, bytes);
    assert.equal(pieces(), 1);
    const large = Buffer.concat(Array.from({ length: 20 }, () => bytes));
    assert.deepEqual((await answer((exchange) => send(exchange, large))).body, large);
  });

  it('arrives as it is when it is not ASCII', async () => {
    const text = 'Grüße, 世界 \u{1f600}';
    const got = await answer((exchange) => send(exchange, text));
    assert.equal(got.get('content-length'), String(Buffer.byteLength(text)));
    assert.equal(got.text, text);
  });

  it('keeps its connection and its place in a pipeline', async () => {
    await answer((exchange) => send(exchange, 'same for all'));
    const client = await RawClient.open(server.port);
    try {
      client.send(get('/a') + get('/b') + get('/c'));
      for (let count = 0; count < 3; count += 1) assert.equal((await client.response()).text, 'same for all');
    } finally {
      client.destroy();
    }
  });

  it('goes through an end() that somebody has taken over', async () => {
    const { text } = await answer((exchange) => {
      const { response } = exchange;
      const end = response.end.bind(response) as (body?: unknown) => typeof response;
      response.end = ((body?: unknown) => end(String(body).toUpperCase())) as typeof response.end;
      send(exchange, 'loud');
    });
    assert.equal(text, 'LOUD');
  });

  it('has no body for HEAD', async () => {
    const head = 'HEAD / HTTP/1.1\r\nHost: a\r\n\r\n';
    const response = await answer((exchange) => send(exchange, 'body'), head, { head: true });
    assert.equal(response.get('content-length'), '4');
    assert.equal(response.text, '');
  });
});
