import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { encodeLogLine, escapeControl } from '../../../src/server/access-log.js';
import type { ExchangeRecord } from '../../../src/index.js';
import { RawClient, ask, get, post } from '../../support/raw-client.js';
import { eventually, startServer } from '../../support/test-server.js';

const record: ExchangeRecord = {
  method: 'GET',
  path: '/x',
  status: 200,
  ip: '192.0.2.1',
  user: undefined,
  bytesIn: 10,
  bytesOut: 20,
  ms: 3,
  result: 'response-sent',
};

describe('The line of a finished request', () => {
  it('DB3 has the form of the API', () => {
    assert.equal(encodeLogLine(record, 'OK', '/x?a=1'), '192.0.2.1 -- "GET /x?a=1" 10 -- "200 OK" 20 -- 3ms');
  });

  it('T84 is one line, whatever a client sends: nothing forges another or moves the cursor', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.string({ unit: 'binary', maxLength: 10 }),
        (path, method) => {
          const line = encodeLogLine({ ...record, method }, 'OK', path);
          assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
          assert.equal(line.match(/"/g)?.length, 4, 'and its quotes are its own');
        },
      ),
    );
    assert.equal(escapeControl('a\r\n\u001b[31m"\\\u2028'), 'a\\x0d\\x0a\\x1b[31m\\x22\\x5c\\x2028');
  });

  it('T84 is cut at 1 KiB of address', () => {
    assert.ok(encodeLogLine(record, 'OK', `/${'a'.repeat(100_000)}`).length < 1200);
  });
});

describe('The access log of a server', () => {
  it('counts the bytes of each request and answer on one connection', async (t) => {
    const server = await startServer(({ response }) => response.send('ok'), { accessLog: true });
    t.after(() => server.stop());
    const client = await RawClient.open(server.port);
    const requests = [get('/one'), post('/two', 'x'.repeat(500)), get('/three', 'X: y')];
    const sizes: number[] = [];
    for (const request of requests) {
      const before = client.received.length;
      await client.send(request).response();
      sizes.push(client.received.length - before);
    }
    client.destroy();
    await eventually('all lines', () => server.log.length === 3);
    assert.deepEqual(
      server.log.map((line) => line.replace(/\d+ms$/, '')),
      requests.map((request, index) => {
        const [method = '', path = ''] = request.split(' ');
        return `info 127.0.0.1 -- "${method} ${path}" ${request.length} -- "200 OK" ${sizes[index] ?? 0} -- `;
      }),
    );
  });

  it('has a line for refusals and redirects, none for who left, and none when it is off', async (t) => {
    const server = await startServer(
      ({ request, response }) => {
        if (request.url === '/to') response.redirect('/there');
      },
      { accessLog: true, limits: { bodyLimit: 1, responseTimeout: 1 } },
    );
    const quiet = await startServer(({ response }) => response.send('ok'));
    t.after(() => Promise.all([server.stop(), quiet.stop()]));
    await ask(quiet.port, get('/'));
    assert.deepEqual(quiet.log, []);
    await ask(server.port, get('/to'));
    await ask(server.port, post('/large', 'xx'));
    await ask(server.port, get('/silent'));
    const left = await RawClient.open(server.port);
    left.send(get('/left'));
    await eventually('the request', () => server.server.counts.requests === 1);
    left.destroy();
    await eventually('its end', () => server.server.counts.requests === 0);
    assert.deepEqual(
      server.log.map((line) => /"(?:GET|POST) (\S+)" \d+ -- "(.*)" \d+/.exec(line)?.slice(1)),
      [
        ['/to', '302 Found'],
        ['/large', '413 Payload Too Large'],
        ['/silent', '504 Gateway Timeout'],
      ],
    );
  });
});
