import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ExchangeRecord } from '../../../src/index.js';
import { RawClient, ask, get, post } from '../../support/raw-client.js';
import { eventually, startServer } from '../../support/test-server.js';

describe('Deadlines', () => {
  it('T46 a flow that says nothing: 504 after responseTimeout, and the connection goes on', async (t) => {
    const records: ExchangeRecord[] = [];
    const server = await startServer(() => undefined, { limits: { responseTimeout: 1 } });
    server.server.on('record', (record: ExchangeRecord) => records.push(record));
    t.after(() => server.stop());
    const client = await RawClient.open(server.port);
    const begun = performance.now();
    const answer = await client.send(get('/')).response();
    assert.ok(performance.now() - begun >= 900);
    assert.deepEqual([answer.status, answer.text, answer.get('connection')], [504, 'Gateway Timeout', 'keep-alive']);
    assert.equal((await client.send(get('/')).response()).status, 504);
    client.destroy();
    assert.deepEqual(
      records.map(({ result, status }) => [result, status]),
      [
        ['no-response', 504],
        ['no-response', 504],
      ],
    );
  });

  it('T46 0 is no deadline, and an answer that has begun may take its time', async (t) => {
    const server = await startServer(
      ({ request, response }) => {
        if (request.url === '/begun') response.write('one ');
        setTimeout(() => response.end('done'), 1500);
      },
      { limits: { responseTimeout: 1 } },
    );
    const free = await startServer(({ response }) => setTimeout(() => response.end('done'), 1500), {
      limits: { responseTimeout: 0 },
    });
    t.after(() => Promise.all([server.stop(), free.stop()]));
    const [begun, late] = await Promise.all([ask(server.port, get('/begun')), ask(free.port, get('/'))]);
    assert.deepEqual([begun.text, late.text], ['one done', 'done']);
  });

  it('T12 a body without progress: 408 and the end, whatever the time for the whole request', async (t) => {
    const records: ExchangeRecord[] = [];
    const server = await startServer(({ response }) => response.send('never'), {
      limits: { bodyProgressTimeout: 1, requestTimeout: 0 },
    });
    server.server.on('record', (record: ExchangeRecord) => records.push(record));
    t.after(() => server.stop());
    const client = await RawClient.open(server.port);
    client.send(post('/', 'xxxx').slice(0, -2));
    assert.equal((await client.response()).status, 408);
    assert.equal(await client.closed(), '');
    assert.equal(records[0]?.result, 'timed-out');
  });

  it('T12 a body that arrives slowly but steadily may take until requestTimeout', async (t) => {
    const server = await startServer(({ request, response }) => response.send(String(request.body)), {
      limits: { bodyProgressTimeout: 1, requestTimeout: 30 },
    });
    t.after(() => server.stop());
    const client = await RawClient.open(server.port);
    const text = post('/', 'abcdef', 'Content-Type: text/plain');
    client.send(text.slice(0, -6));
    await client.sendApart(text.slice(-6), 300);
    assert.equal((await client.response()).text, 'abcdef');
    client.destroy();
  });

  it('T11 a head that does not end: 408 and the end', async (t) => {
    const server = await startServer(() => undefined, { limits: { headersTimeout: 1 } });
    t.after(() => server.stop());
    const client = await RawClient.open(server.port);
    const begun = performance.now();
    client.send('GET / HTTP/1.1\r\nHost: t\r\nX: ');
    const answer = await client.response();
    assert.deepEqual([answer.status, answer.get('connection')], [408, 'close']);
    assert.equal(await client.closed(), '');
    const waited = performance.now() - begun;
    assert.ok(waited > 900 && waited < 6000, `${waited} ms`);
  });

  it('T16 an idle connection: closed at keepAliveTimeout, not while a request is under way', async (t) => {
    const server = await startServer(({ response }) => setTimeout(() => response.send('slow'), 1600), {
      limits: { keepAliveTimeout: 1 },
    });
    t.after(() => server.stop());
    const client = await RawClient.open(server.port);
    assert.equal((await client.send(get('/')).response()).text, 'slow');
    assert.equal(await client.closed(), '');
    await eventually('the end of the connection', () => server.server.counts.connections === 0);
  });
});
