import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { RawClient, ask, get, post, requestText } from '../../support/raw-client.js';
import { selfSigned } from '../../support/self-signed.js';
import { type TestServer, startServer } from '../../support/test-server.js';

describe('a server about which nothing is said', () => {
  let server: TestServer;
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'safe-'));
    writeFileSync(join(folder, 'page.html'), '<p>hello</p>');
    server = await startServer(
      [
        { path: '/json', handle: ({ response }) => response.json({ a: 1 }) },
        { path: '/text', handle: ({ response }) => response.send('x') },
        {
          path: '/broken',
          handle: () => {
            throw new Error(`secret detail at ${folder}`);
          },
        },
        { path: '/post', handle: ({ response }) => response.send('x') },
      ],
      { rootPath: folder },
    );
  });
  after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  it('T85 says neither who made it nor what runs it, in any answer', async () => {
    const requests = [
      get('/json'),
      get('/text'),
      get('/page.html'),
      get('/nothing'),
      get('/broken'),
      get('/%zz'),
      get('/../etc/passwd'),
      requestText('TRACE', '/'),
      post('/post', '{', 'Content-Type: application/json'),
      'NONSENSE\r\n\r\n',
      'GET / HTTP/1.1\r\n\r\n',
    ];
    for (const request of requests) {
      const answer = await ask(server.port, request);
      const what = `${request.split('\r\n')[0] ?? ''}: ${answer.status}`;
      assert.deepEqual([answer.all('server'), answer.all('x-powered-by')], [[], []], what);
      assert.doesNotMatch(answer.text, /\bat .*:\d+|node_modules|\.js\b|\/tmp|secret detail|Node/, what);
    }
  });

  it('T85 a 500 carries an id and nothing else; the log line has the same id and the reason', async () => {
    const answer = await ask(server.port, get('/broken', 'Accept: application/json'));
    const body = JSON.parse(answer.text) as Record<string, unknown>;
    assert.deepEqual(Object.keys(body), ['status', 'error', 'code', 'requestId']);
    assert.equal(body['error'], 'Internal Server Error');
    assert.equal(answer.get('x-request-id'), body['requestId']);
    const line = server.log.find((one) => one.includes(String(body['requestId'])));
    assert.match(line ?? '', /secret detail/);
  });

  it('T85 files and JSON are never taken for something else', async () => {
    for (const path of ['/json', '/page.html', '/nothing'])
      assert.equal((await ask(server.port, get(path))).get('x-content-type-options'), 'nosniff', path);
  });

  it('sends no policy headers that nobody asked for', async () => {
    const answer = await ask(server.port, get('/text'));
    for (const name of ['x-frame-options', 'strict-transport-security', 'referrer-policy'])
      assert.equal(answer.get(name), undefined, name);
  });
});

describe('security headers', () => {
  it('come with every answer, but not over what is set already', async () => {
    const server = await startServer(({ response }) => response.set('X-Frame-Options', 'DENY').send('x'), {
      securityHeaders: true,
      headers: [['Referrer-Policy', 'same-origin']],
    });
    const answer = await ask(server.port, get('/'));
    assert.equal(answer.get('x-frame-options'), 'DENY');
    assert.equal(answer.get('referrer-policy'), 'same-origin');
    assert.equal(answer.get('x-content-type-options'), 'nosniff');
    assert.equal(answer.get('cross-origin-opener-policy'), 'same-origin');
    assert.equal(answer.get('strict-transport-security'), undefined);
    const refused = await ask(server.port, 'NONSENSE\r\n\r\n');
    assert.equal(refused.get('x-frame-options'), 'SAMEORIGIN');
    await server.stop();
  });

  it('demand HTTPS for half a year where the server speaks it', async () => {
    const server = await startServer(({ response }) => response.send('x'), {
      securityHeaders: true,
      tls: selfSigned(),
    });
    const client = await RawClient.open(server.port, { secure: {} });
    const answer = await client.send(get('/')).response();
    assert.equal(answer.get('strict-transport-security'), 'max-age=15552000');
    client.destroy();
    await server.stop();
  });
});

describe('served host names', () => {
  it('T63 keep out a name that was rebound to this address: 421', async () => {
    const server = await startServer(({ response }) => response.send('x'), { hosts: ['pi.local', '192.0.2.1'] });
    const status = async (host: string): Promise<number> =>
      (await ask(server.port, `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).status;
    for (const host of ['pi.local', 'PI.local', 'pi.local:8080', '192.0.2.1'])
      assert.equal(await status(host), 200, host);
    for (const host of ['evil.example', 'pi.local.evil.example', 'pi.locals', '192.0.2.10', 'localhost'])
      assert.equal(await status(host), 421, host);
    const absolute = await ask(server.port, 'GET http://evil.example/ HTTP/1.1\r\nHost: pi.local\r\n\r\n');
    assert.equal(absolute.status, 421);
    await server.stop();
  });
});
