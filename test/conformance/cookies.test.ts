/** Cookies as they come (RFC 6265 5.4) and as they go (4.1), on the wire. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { ServerResponse } from '../../src/index.js';
import { ask, get } from '../support/raw-client.js';
import { type TestServer, startServer } from '../support/test-server.js';

let server: TestServer;
let set: (response: ServerResponse) => void = () => undefined;
before(async () => {
  server = await startServer(({ request, response }) => {
    set(response);
    response.json(request.cookies);
  });
});
after(() => server.stop());

describe('Cookies of a request', () => {
  for (const [header, expected] of [
    ['a=b', { a: 'b' }],
    ['a=b; c=d', { a: 'b', c: 'd' }],
    ['a=b;c=d;', { a: 'b', c: 'd' }],
    [' a = b ; c = d ', { a: 'b', c: 'd' }],
    ['a=', { a: '' }],
    ['a=b=c', { a: 'b=c' }],
    ['a="b c"', { a: 'b c' }],
    ['a=b%20c', { a: 'b c' }],
    ['a=%C3%BC', { a: 'ü' }],
    ['a=%', { a: '%' }],
    ['a=%zz', { a: '%zz' }],
    ['a=1; a=2', { a: '2' }],
    ['A=1; a=2', { A: '1', a: '2' }],
    ['=b', {}],
    ['novalue', {}],
    ['novalue; a=b', { a: 'b' }],
    [';;;', {}],
    ['===;;;', {}],
    ['', {}],
    ['a.b-c_d=1', { 'a.b-c_d': '1' }],
    ['__proto__=1; a=2', { a: '2' }],
    ['constructor=1; prototype=2; a=3', { a: '3' }],
    ['a=j:{"x":1}', { a: 'j:{"x":1}' }],
  ] as const)
    it(`Cookie: ${header}`, async () => {
      set = () => undefined;
      const answer = await ask(server.port, get('/', `Cookie: ${header}`));
      assert.equal(answer.status, 200);
      assert.deepEqual(JSON.parse(answer.text), expected);
    });

  it('several Cookie lines are one list', async () => {
    assert.deepEqual(JSON.parse((await ask(server.port, get('/', 'Cookie: a=1', 'Cookie: b=2'))).text), {
      a: '1',
      b: '2',
    });
  });

  it('a thousand pairs are read', async () => {
    const header = Array.from({ length: 1000 }, (_, index) => `c${index}=v`).join('; ');
    assert.equal(
      Object.keys(JSON.parse((await ask(server.port, get('/', `Cookie: ${header}`))).text) as object).length,
      1000,
    );
  });

  it('whatever is set comes back as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 40 }), async (value) => {
        set = (response) => {
          response.cookie('name', value);
        };
        const line = (await ask(server.port, get('/'))).get('set-cookie') ?? '';
        assert.match(line, /^name=[\u0021\u0023-\u002b\u002d-\u003a\u003c-\u005b\u005d-\u007e]*; Path=\/$/);
        set = () => undefined;
        const back = await ask(server.port, get('/', `Cookie: ${line.split(';', 1)[0] ?? ''}`));
        assert.deepEqual(JSON.parse(back.text), { name: value });
      }),
      { numRuns: 60 },
    );
  });
});

describe('Cookies of an answer', () => {
  const lineOf = async (value: unknown, options: Parameters<ServerResponse['cookie']>[2]): Promise<string> => {
    set = (response) => {
      response.cookie('n', value, options);
    };
    return (await ask(server.port, get('/'))).get('set-cookie') ?? '';
  };

  for (const [options, attributes] of [
    [{}, '; Path=/'],
    [{ path: '/a' }, '; Path=/a'],
    [{ domain: 'a.test' }, '; Path=/; Domain=a.test'],
    [{ httpOnly: true }, '; Path=/; HttpOnly'],
    [{ secure: true }, '; Path=/; Secure'],
    [{ sameSite: 'lax' }, '; Path=/; SameSite=Lax'],
    [{ sameSite: 'strict' }, '; Path=/; SameSite=Strict'],
    [{ sameSite: true }, '; Path=/; SameSite=Strict'],
    [{ sameSite: 'none', secure: true }, '; Path=/; Secure; SameSite=None'],
    [{ expires: new Date(0) }, '; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT'],
    [{ httpOnly: false, secure: false }, '; Path=/'],
  ] as const)
    it(`with ${JSON.stringify(options)}`, async () => {
      assert.equal(await lineOf('v', options as never), `n=v${attributes}`);
    });

  it('maxAge is milliseconds, sent as seconds and as a date for old clients', async () => {
    const line = await lineOf('v', { maxAge: 90_000 });
    const match = /^n=v; Path=\/; Max-Age=90; Expires=(.+)$/.exec(line);
    assert.ok(match, line);
    assert.ok(Math.abs(Date.parse(match[1] ?? '') - Date.now() - 90_000) < 30_000);
  });

  it('each has a line of its own', async () => {
    set = (response) => {
      response.cookie('a', '1').cookie('b', '2').clearCookie('c');
    };
    assert.deepEqual((await ask(server.port, get('/'))).all('set-cookie'), [
      'a=1; Path=/',
      'b=2; Path=/',
      'c=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
    ]);
  });
});
