import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type RawResponse, ask, get } from '../../support/raw-client.js';
import { type TestServer, startServer } from '../../support/test-server.js';

let server: TestServer;
before(async () => {
  server = await startServer(
    ({ request, response }) => response.json([request.headers.host, request.url, request.path, request.hostname]),
    { debug: true },
  );
});
after(() => server.stop());

const withHost = (host: string, target = '/'): Promise<RawResponse> =>
  ask(server.port, `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);

describe('A Host header', () => {
  for (const host of [
    'example.org',
    'example.org:80',
    'example.org:',
    'EXAMPLE.org',
    'a_b.example',
    'xn--bcher-kva.example',
    '192.0.2.1',
    '192.0.2.1:65535',
    '[::1]',
    '[2001:db8::1]:8080',
    '[::ffff:192.0.2.1]',
    'a%20b',
    "a!$&'()*+;=~b",
    'localhost.',
  ])
    it(`T01 may be ${host}`, async () => {
      const answer = await withHost(host);
      assert.equal(answer.status, 200);
      assert.equal((JSON.parse(answer.text) as string[])[0], host);
    });

  for (const host of [
    'a/b',
    'a?b',
    'a#b',
    'a@b',
    'a b',
    'a,b',
    'a\\b',
    '[::1',
    '::1]',
    '[v1.x]',
    'a:b',
    'a:1:2',
    'a:-1',
    'a:123456',
    '"a"',
    '<a>',
    'a%',
    'a%2',
    'a%zz',
    '\xe9',
  ])
    it(`T01 may not be ${JSON.stringify(host)}`, async () => {
      const answer = await withHost(host);
      assert.deepEqual([answer.status, answer.get('connection')], [400, 'close']);
      if (host !== '\xe9') assert.equal(answer.text, 'The Host header is missing or not valid.');
    });

  it('loses its port in hostname, an address keeps its brackets', async () => {
    for (const [host, hostname] of [
      ['example.org:8080', 'example.org'],
      ['[::1]:8080', '[::1]'],
      ['[::1]', '[::1]'],
    ] as const)
      assert.equal((JSON.parse((await withHost(host)).text) as string[])[3], hostname);
  });
});

describe('A request target', () => {
  for (const [target, url, path, host] of [
    ['/', '/', '/', 'test'],
    ['/a?b?c', '/a?b?c', '/a', 'test'],
    ['/?', '/?', '/', 'test'],
    ['//a', '//a', '//a', 'test'],
    ['/a//b/', '/a//b/', '/a//b/', 'test'],
    ['/a;b=c', '/a;b=c', '/a;b=c', 'test'],
    ['/a[1]|{}^`"<>', '/a[1]|{}^`"<>', '/a[1]|{}^`"<>', 'test'],
    ['http://other/', '/', '/', 'other'],
    ['http://other', '/', '/', 'other'],
    ['HTTP://other:81/a?b', '/a?b', '/a', 'other:81'],
    ['https://other/a', '/a', '/a', 'other'],
    ['http://other?a=/b', '/?a=/b', '/', 'other'],
    ['http://[::1]:80/x', '/x', '/x', '[::1]:80'],
  ] as const)
    it(`T05 ${target} is ${path} of ${host}`, async () => {
      const answer = await withHost('test', target);
      assert.deepEqual((JSON.parse(answer.text) as string[]).slice(0, 3), [host, url, path]);
    });

  for (const target of [
    '*',
    'a',
    '?a',
    'http:/a',
    'http://',
    'http:///a',
    'http://a@b/',
    'http://a b/',
    'ws://a/',
    'mailto:a',
    'a:80',
    '/a#b',
    '/\xe9',
    'http://a/#b',
  ])
    it(`T05 ${JSON.stringify(target)} is none`, async () => {
      assert.equal((await withHost('test', target)).status, 400);
    });
});

describe('Limits of a head', () => {
  it('T08 so many headers, and no more', async () => {
    const headers = (count: number): string[] => Array.from({ length: count - 1 }, (_, index) => `X-${index}: y`);
    assert.equal((await ask(server.port, get('/', ...headers(100)))).status, 200);
    const answer = await ask(server.port, get('/', ...headers(101)));
    assert.deepEqual([answer.status, answer.text], [431, 'The request headers are too large or too many.']);
  });

  it('T23 so many parameters, and no more', async () => {
    const query = (count: number): string => Array.from({ length: count }, () => 'a').join('&');
    assert.equal((await ask(server.port, get(`/?${query(1000)}`))).status, 200);
    const answer = await ask(server.port, get(`/?${query(1001)}`));
    assert.deepEqual([answer.status, answer.text], [400, 'The query or form has too many parameters.']);
    assert.equal((await ask(server.port, get(`/?${'x'.repeat(2000)}`))).status, 200, 'one long one is one');
  });
});

describe('hosts', () => {
  it('T63 names that are served, in any case, with or without port; others get 421', async (t) => {
    const few = await startServer(({ response }) => response.send('ok'), {
      hosts: ['one.test', '127.0.0.1', '::1', '[2001:db8::1]'],
    });
    t.after(() => few.stop());
    const statusOf = async (host: string): Promise<number> =>
      (await ask(few.port, `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).status;
    for (const host of ['one.test', 'ONE.TEST:8080', '127.0.0.1', '127.0.0.1:80', '[::1]:80', '[::1]', '[2001:DB8::1]'])
      assert.equal(await statusOf(host), 200, host);
    for (const host of ['two.test', 'one.test.', 'xone.test', 'one.test.evil', 'localhost'])
      assert.equal(await statusOf(host), 421, host);
    const absolute = await ask(few.port, 'GET http://two.test/ HTTP/1.1\r\nHost: one.test\r\n\r\n');
    assert.equal(absolute.status, 421, 'the host of the target counts');
  });
});
