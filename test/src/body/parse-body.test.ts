import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { FormData } from '../../../src/http/form-data.js';
import {
  boundary,
  emptyFolder,
  most,
  multipart,
  multipartType,
  startBodyServer,
  temporaryFolders,
} from './body-server.js';
import { until } from './body-server.js';

const arrays = '['.repeat(1500) + ']'.repeat(1500);
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('a body is parsed by its media type', async () => {
  const server = await startBodyServer();
  const kinds: [type: string | undefined, body: string | Buffer, value: unknown][] = [
    ['application/json', '{"a":[1,null]}', { a: [1, null] }],
    ['application/json', '[]', []],
    ['application/json', 'null', null],
    ['application/json', '0', 0],
    ['application/json', '"text"', 'text'],
    ['application/json', '', {}],
    ['application/json; charset=utf-8', '{"ü":1}', { ü: 1 }],
    ['Application/JSON;charset="UTF-8"', ' {"a":1} ', { a: 1 }],
    ['application/json', '\ufeff{"a":1}', { a: 1 }],
    ['application/json; charset=utf-16le', Buffer.from('{"ü":1}', 'utf16le'), { ü: 1 }],
    ['application/vnd.api+json', '{"a":1}', { a: 1 }],
    ['application/problem+json; charset=utf-8', '{"a":1}', { a: 1 }],
    ['text/json+json', 'true', true],
    ['application/json', '{"a":1,"a":2}', { a: 2 }],
    ['application/x-www-form-urlencoded', 'a=1&b=x+y&b=%C3%BC', { a: '1', b: ['x y', 'ü'] }],
    ['application/x-www-form-urlencoded; charset=utf-8', 'a[b]=1&c', { 'a[b]': '1', c: '' }],
    ['application/x-www-form-urlencoded', '', {}],
    ['application/x-www-form-urlencoded', '__proto__=1&constructor=2&a=%', { a: '%' }],
    ['text/plain', 'foo=bar\r\nbaz', 'foo=bar\r\nbaz'],
    ['text/plain', '', ''],
    ['text/plain; charset=iso-8859-1', latin1('grün'), 'grün'],
    ['text/plain; charset=windows-1252', Buffer.from([0x80]), '€'],
    ['text/plain; charset=shift_jis', Buffer.from([0x93, 0xfa]), '日'],
    ['text/html', '<p>ü</p>', '<p>ü</p>'],
    ['text/csv', 'a,b', 'a,b'],
    ['application/xml', '<a/>', '<a/>'],
    ['application/soap+xml; charset=utf-8', '<a/>', '<a/>'],
    ['image/svg+xml', '<svg/>', '<svg/>'],
    ['application/yaml', 'a: 1', 'a: 1'],
    ['application/octet-stream', 'x', Buffer.from('x')],
    ['application/octet-stream', '', Buffer.alloc(0)],
    ['image/png', latin1('\x89PNG'), latin1('\x89PNG')],
    ['application/jsonp', '{}', Buffer.from('{}')],
    [undefined, 'x', Buffer.from('x')],
    [undefined, '', {}],
    [';;', 'x', Buffer.from('x')],
    ['multipart/mixed; boundary=x', '--x--', Buffer.from('--x--')],
  ];
  for (const [type, body, value] of kinds)
    it(`${type ?? 'no type'}: ${JSON.stringify(body.toString('latin1' as never).slice(0, 30))}`, async () => {
      const outcome = await server.post(type === undefined ? {} : { 'Content-Type': type }, body);
      assert.equal(outcome.status, 200);
      assert.deepEqual(outcome.body?.value, value);
    });

  it('JSON is JSON for any method', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'GET', 'OPTIONS']) {
      const outcome = await server.post({ 'Content-Type': 'application/json' }, '{"a":1}', method);
      assert.deepEqual(outcome.body?.value, { a: 1 }, method);
    }
  });

  it('multipart is multipart for any method', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const outcome = await server.post(
        { 'Content-Type': multipartType },
        multipart([{ name: 'a', data: '1' }]),
        method,
      );
      assert.deepEqual(outcome.body?.value, { a: '1' }, method);
    }
  });

  it('a chunked body is the same as one with a length', async () => {
    const outcome = await server.send(
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
      '3\r\n{"a\r\n',
      '4;ext=1\r\n":1}\r\n',
      '0\r\n\r\n',
    );
    assert.deepEqual(outcome.body?.value, { a: 1 });
  });

  const errors: [what: string, type: string, body: string | Buffer, status: number, code: string][] = [
    ['T20 half a JSON', 'application/json', '{"a"', 400, 'BAD_JSON'],
    ['T20 two JSON values', 'application/json', '1 2', 400, 'BAD_JSON'],
    ['T20 JSON of white space', 'application/json', ' ', 400, 'BAD_JSON'],
    ['T20 JSON in an unknown charset', 'application/json; charset=klingon', '{}', 415, 'UNSUPPORTED_CHARSET'],
    [
      'T20 a form in an unknown charset',
      'application/x-www-form-urlencoded; charset=x',
      'a=1',
      415,
      'UNSUPPORTED_CHARSET',
    ],
    ['T20 text in an unknown charset', 'text/plain; charset=x', 'a', 415, 'UNSUPPORTED_CHARSET'],
    ['T21 JSON with __proto__', 'application/json', '{"a":[{"__proto__":{"x":1}}]}', 400, 'FORBIDDEN_KEY'],
    [
      'T21 JSON with constructor.prototype',
      'application/json',
      '{"constructor":{"prototype":{}}}',
      400,
      'FORBIDDEN_KEY',
    ],
    ['T22 JSON 100,000 levels deep', 'application/json', '['.repeat(100_000), 400, 'BAD_JSON'],
    ['T22 such JSON behind umlauts', 'application/json', `["ü\\"ü",${arrays}]`, 400, 'BAD_JSON'],
    [
      'T22 such JSON behind half a quote of UTF-16',
      'application/json; charset=utf-16le',
      Buffer.from(`["\u0122",${arrays}]`, 'utf16le'),
      400,
      'BAD_JSON',
    ],
    [
      'T23 a form with 1,001 parameters',
      'application/x-www-form-urlencoded',
      'a=1&'.repeat(1001),
      400,
      'TOO_MANY_PARAMETERS',
    ],
  ];
  for (const [what, type, body, status, code] of errors)
    it(`${what} is ${status} ${code}`, async () => {
      const held = server.budget.used;
      const outcome = await server.post({ 'Content-Type': type }, body);
      assert.equal(outcome.status, status);
      assert.equal(outcome.code, code);
      assert.equal(({} as { x?: unknown }).x, undefined);
      assert.equal(server.budget.used, held);
    });

  it('T23 a form with 1,000 parameters is taken', async () => {
    const outcome = await server.post({ 'Content-Type': 'application/x-www-form-urlencoded' }, 'a=1&'.repeat(1000));
    assert.equal((outcome.body?.value as { a: string[] }).a.length, 1000);
  });

  it('T24 names made to collide cost no more than others', async () => {
    // Strings whose naive 31-hash is the same: "Aa" and "BB" in any mixture.
    const names = Array.from({ length: 1000 }, (_, index) =>
      Array.from(index.toString(2).padStart(10, '0'), (bit) => (bit === '0' ? 'Aa' : 'BB')).join(''),
    );
    const outcome = await server.post(
      { 'Content-Type': 'application/x-www-form-urlencoded' },
      names.map((name) => `${name}=1`).join('&'),
    );
    assert.equal(Object.keys(outcome.body?.value as object).length, 1000);
  });
});

describe('the forms of a body', async () => {
  const server = await startBodyServer();

  it('gives pairs of urlencoded and multipart forms, in their order', async () => {
    const urlencoded = await server.post({ 'Content-Type': 'application/x-www-form-urlencoded' }, 'b=1&a=2&b=3');
    assert.deepEqual(urlencoded.body?.pairs, [
      ['b', '1'],
      ['a', '2'],
      ['b', '3'],
    ]);
  });

  it('reads a text/plain form from its text: the last line counts with or without CRLF, a line without "=" is a name', async () => {
    for (const end of ['', '\r\n', '\n']) {
      const { body } = await server.post(
        { 'Content-Type': 'text/plain' },
        `foo=bar\r\nbaz=qux\r\nnothing\r\nbaz=quux${end}`,
      );
      const form = FormData.fromBody(body, 'text/plain');
      assert.deepEqual(form.toJSON(), { foo: ['bar'], baz: ['qux', 'quux'], nothing: [''] });
    }
  });
});

describe('how a body is read', () => {
  it('raw gives the bytes whatever the type, multipart too', async () => {
    const server = await startBodyServer({ mode: 'raw' });
    for (const type of ['application/json', 'text/plain; charset=klingon', multipartType])
      assert.deepEqual((await server.post({ 'Content-Type': type }, '{"a"')).body?.value, Buffer.from('{"a"'));
  });

  it('keeps the decoded bytes beside the value when asked', async () => {
    const server = await startBodyServer({ keepRaw: true });
    const outcome = await server.post(
      { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' },
      gzipSync('{"a":1}'),
    );
    assert.deepEqual(outcome.body?.value, { a: 1 });
    assert.equal(outcome.body.raw?.toString(), '{"a":1}');
    const without = await startBodyServer();
    assert.equal('raw' in ((await without.post({}, 'x')).body ?? {}), false);
  });

  it('T18 refuses a byte over the limit, with the setting named', async () => {
    const server = await startBodyServer({ memoryLimit: most(10) });
    assert.equal((await server.post({}, 'x'.repeat(10))).status, 200);
    const outcome = await server.post({}, 'x'.repeat(11));
    assert.equal(outcome.status, 413);
    assert.equal(outcome.message, 'The body is larger than the limit of 10 bytes (bodyLimit).');
  });

  it('takes a compressed multipart body, within its limit', async () => {
    const server = await startBodyServer({ upload: 'disk', uploadLimit: most(10_000, 'uploadLimit') });
    const headers = { 'Content-Type': multipartType, 'Content-Encoding': 'gzip' };
    const small = gzipSync(multipart([{ name: 'f', filename: 'a', data: 'x'.repeat(5000) }]));
    const outcome = await server.post(headers, small);
    assert.equal(outcome.body?.files?.[0]?.size, 5000);
    await outcome.body.discard();
    const bomb = await server.post(headers, gzipSync(multipart([{ name: 'f', filename: 'a', data: 'x'.repeat(1e6) }])));
    assert.equal(bomb.code, 'BODY_TOO_LARGE');
    const broken = await server.post(headers, small.subarray(0, small.length / 2));
    assert.equal(broken.code, 'BAD_BODY');
    assert.deepEqual(temporaryFolders(), []);
  });

  it('T28 a client that leaves in the middle of an upload leaves no file and no memory', async () => {
    const folder = emptyFolder();
    for (const options of [{ upload: 'disk' }, { upload: 'disk', uploadDir: folder }, { upload: 'memory' }] as const) {
      const server = await startBodyServer(options);
      const head = `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: ${multipartType}\r\nContent-Length: 1000000\r\n\r\n`;
      const half = `--${boundary}\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n${'x'.repeat(50_000)}`;
      const waiting = server.next();
      const net = await import('node:net');
      const socket = net.connect(server.port, '127.0.0.1', () => socket.write(head + half));
      if (options.upload === 'disk' && !('uploadDir' in options))
        assert.ok(await until(() => temporaryFolders().length === 1));
      else await new Promise((resolve) => setTimeout(resolve, 50));
      socket.destroy();
      assert.equal((await waiting).code, 'BODY_TRUNCATED');
      assert.deepEqual(temporaryFolders(), []);
      assert.equal(server.budget.used, 0);
      const fs = await import('node:fs/promises');
      assert.deepEqual(await fs.readdir(folder), []);
    }
  });
});
