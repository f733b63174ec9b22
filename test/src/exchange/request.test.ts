import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Exchange, IncomingMessage } from '../../../src/index.js';
import { ask, get, post, requestText } from '../../support/raw-client.js';
import { multipart, multipartType } from '../body/body-server.js';
import { startAnswering } from './answering.js';

describe('a request as a flow sees it', async () => {
  const { answer, server } = await startAnswering();
  const { answer: answerBehindProxy } = await startAnswering({ trustProxy: ['loopback'] });
  /** What `read` makes of a request. */
  const read = async <T>(request: string | Buffer, look: (request: IncomingMessage) => T): Promise<T> => {
    let seen: T | undefined;
    const { thrown } = await answer(({ request: given, response }) => {
      seen = look(given);
      response.end();
    }, request);
    if (thrown) throw thrown as Error;
    return seen as T;
  };

  it('has method, url, path and originalUrl as sent', async () => {
    assert.deepEqual(
      await read(get('/a%20b/?x=1&y=%20#'.slice(0, -1)), ({ method, url, path, originalUrl, baseUrl }) => ({
        method,
        url,
        path,
        originalUrl,
        baseUrl,
      })),
      { method: 'GET', url: '/a%20b/?x=1&y=%20', path: '/a%20b/', originalUrl: '/a%20b/?x=1&y=%20', baseUrl: '' },
    );
  });

  it('has the query as a plain object: decoded, repeated names as arrays, nothing nested, unsafe names dropped', async () => {
    const query = await read(
      get('/?a=1&b=x+%C3%BC&a=2&c[d]=3&e&__proto__=x&constructor=y'),
      (request) => request.query,
    );
    assert.deepEqual(query, { a: ['1', '2'], b: 'x ü', 'c[d]': '3', e: '' });
    assert.equal(Object.getPrototypeOf(query), Object.prototype);
    assert.deepEqual(await read(get('/'), (request) => request.query), {});
  });

  it('works its parts out once, and they may be assigned', async () => {
    await read(get('/?a=1', 'Cookie: b=2'), (request) => {
      assert.equal(request.query, request.query);
      assert.equal(request.cookies, request.cookies);
      assert.equal(request.queryParams, request.queryParams);
      assert.equal(request.formData, request.formData);
      assert.equal(request.headerFields, request.headerFields);
      const values = {
        query: { q: '1' },
        cookies: { c: '1' },
        params: { p: '1' },
        path: '/other',
        user: { name: 'u' },
      };
      Object.assign(request, values);
      const { query, cookies, params, path, user } = request;
      assert.deepEqual({ query, cookies, params, path, user }, values);
      request.route = { path: '/x', methods: { get: true } };
      assert.deepEqual(request.route, { path: '/x', methods: { get: true } });
    });
  });

  it('body, rawBody and files may be assigned, one without the other', async () => {
    await read(get('/'), (request) => {
      assert.deepEqual([request.body, request.rawBody, request.files], [undefined, undefined, undefined]);
      request.rawBody = Buffer.from('raw');
      request.files = [{ fieldname: 'f' }];
      request.body = { a: 1 };
      assert.deepEqual(
        [request.body, request.rawBody, request.files],
        [{ a: 1 }, Buffer.from('raw'), [{ fieldname: 'f' }]],
      );
    });
  });

  it('has cookies: decoded, the last duplicate wins, malformed parts skipped', async () => {
    assert.deepEqual(
      await read(get('/', 'Cookie: foo=bar; baz="q%20x"; junk; foo=quux; __proto__=1'), (request) => request.cookies),
      { foo: 'quux', baz: 'q x' },
    );
    assert.deepEqual(await read(get('/'), (request) => request.cookies), {});
  });

  it('get() finds a header in any case, referrer either way', async () => {
    await read(get('/', 'X-Thing: a', 'Referer: /b', 'X-Requested-With: XMLHttpRequest'), (request) => {
      assert.equal(request.get('x-THING'), 'a');
      assert.equal(request.header('X-Thing'), 'a');
      assert.equal(request.get('Referrer'), '/b');
      assert.equal(request.get('referer'), '/b');
      assert.equal(request.get('none'), undefined);
      assert.equal(request.xhr, true);
    });
    assert.equal(await read(get('/'), (request) => request.xhr), false);
  });

  it('has the client without a proxy: address, host, protocol', async () => {
    const seen = await read(get('/', 'X-Forwarded-For: 1.2.3.4', 'X-Forwarded-Proto: https'), (request) => {
      const { ip, ips, hostname, protocol, secure, clientAddress } = request;
      assert.equal(clientAddress[0], '127.0.0.1');
      assert.ok(clientAddress[1] > 0);
      return { ip, ips, hostname, protocol, secure };
    });
    assert.deepEqual(seen, { ip: '127.0.0.1', ips: [], hostname: 'test', protocol: 'http', secure: false });
  });

  it('has the client behind a trusted proxy', async () => {
    let seen: unknown;
    await answerBehindProxy(
      ({ request: { ip, ips, hostname, protocol, secure }, response }) => {
        seen = { ip, ips, hostname, protocol, secure };
        response.end();
      },
      get('/', 'X-Forwarded-For: 1.2.3.4', 'X-Forwarded-Proto: https', 'X-Forwarded-Host: [::1]:8443'),
    );
    assert.deepEqual(seen, { ip: '1.2.3.4', ips: ['1.2.3.4'], hostname: '[::1]', protocol: 'https', secure: true });
  });

  it('has the field containers: escaped by default, raw on request', async () => {
    await read(get('/?a=<b>&a=2', 'Content-Type: text/plain; charset="x y"', 'X-A: 1', 'x-a: 2'), (request) => {
      assert.equal(request.queryParams.get('a'), '&lt;b&gt;');
      assert.deepEqual(request.queryParams.getList('a', { safe: false }), ['<b>', '2']);
      assert.deepEqual(request.headerFields.getList('X-A'), ['1', '2']);
      assert.equal(request.headerFields.getDirective('content-type'), 'text/plain');
      assert.equal(request.headerFields.getParameter('content-type', 'CHARSET'), 'x y');
      assert.equal(request.formData.size, 0);
      assert.equal(request.formData.files.size, 0);
    });
  });

  it('has the form as a container, whatever its encoding and method', async () => {
    const form = (request: IncomingMessage): unknown => [request.formData.getList('a'), request.formData.contentType];
    const urlencoded = post('/', 'a=%3Cb%3E&a=2', 'Content-Type: application/x-www-form-urlencoded');
    assert.deepEqual(await read(urlencoded, form), [['&lt;b&gt;', '2'], 'application/x-www-form-urlencoded']);
    const put = urlencoded.replace(/^POST/, 'PUT');
    assert.deepEqual(await read(put, form), [['&lt;b&gt;', '2'], 'application/x-www-form-urlencoded']);
    const text = post('/', 'a=<b>\r\na=2', 'Content-Type: text/plain');
    assert.deepEqual(await read(text, form), [['&lt;b&gt;', '2'], 'text/plain']);
    const body = multipart([
      { name: 'a', data: '<b>' },
      { name: 'a', data: '2' },
      { name: 'f', filename: 'x.txt', type: 'text/plain; charset=iso-8859-1', data: Buffer.from('ü', 'latin1') },
      { name: 'g', filename: '', type: 'application/octet-stream', data: '' },
    ]);
    const upload = post('/', body, `Content-Type: ${multipartType}`);
    assert.deepEqual(await read(upload, form), [['&lt;b&gt;', '2'], 'multipart/form-data']);
    await read(upload, ({ formData: { files } }) => {
      assert.deepEqual(files.keys(), ['f', 'g']);
      assert.equal(files.get('f')?.filename, 'x.txt');
      assert.equal(files.get('f')?.size, 1);
      // busboy keeps the type without its parameters.
      assert.equal(files.get('f')?.contentType, 'text/plain');
      assert.deepEqual([files.get('g')?.filename, files.get('g')?.size], ['', 0]);
    });
    await read(post('/', '{"a":1}', 'Content-Type: application/json'), ({ formData }) =>
      assert.equal(formData.size, 0),
    );
  });

  it('shows exactly the properties of the contract in JSON, and no socket', async () => {
    const shown = await read(post('/x?a=1', '{}', 'Content-Type: application/json', 'Cookie: c=1'), (request) => {
      const all = JSON.parse(JSON.stringify(request)) as Record<string, unknown>;
      assert.deepEqual(Object.keys(request.toJSON()), [
        'method',
        'url',
        'originalUrl',
        'path',
        'headers',
        'query',
        'params',
        'cookies',
        'body',
        'files',
        'ip',
        'ips',
        'hostname',
        'protocol',
        'secure',
        'route',
        'user',
        'upgrade',
      ]);
      return all;
    });
    assert.deepEqual(shown, {
      method: 'POST',
      url: '/x?a=1',
      originalUrl: '/x?a=1',
      path: '/x',
      headers: { host: 'test', 'content-type': 'application/json', cookie: 'c=1', 'content-length': '2' },
      query: { a: '1' },
      params: {},
      cookies: { c: '1' },
      body: {},
      ip: '127.0.0.1',
      ips: [],
      hostname: 'test',
      protocol: 'http',
      secure: false,
      route: { path: '*', methods: { _all: true } },
      upgrade: false,
    });
  });

  it('keeps the names that Debug knows', async () => {
    await answer((exchange: Exchange) => {
      assert.equal(exchange.request.constructor.name, 'IncomingMessage');
      assert.equal(exchange.response.constructor.name, 'ServerResponse');
      assert.deepEqual(Object.keys(exchange.response.toJSON()), ['statusCode', 'headersSent', 'headers']);
      exchange.response.end();
    });
  });

  it('T23 more than 1,000 query parameters never reach a flow', async () => {
    const { status } = await ask(server.port, get(`/?${'a&'.repeat(1001)}`));
    assert.equal(status, 400);
    assert.equal(server.log.length, 0);
  });

  it('an unknown method has its body, too', async () => {
    const request = `${requestText('REPORT', '/', ['Content-Type: application/json', 'Content-Length: 7'])}{"a":1}`;
    assert.deepEqual(await read(request, ({ method, body }) => ({ method, body })), {
      method: 'REPORT',
      body: { a: 1 },
    });
  });
});
