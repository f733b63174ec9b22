import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { describe, it } from 'node:test';
import { ChunkedAnswer, type Exchange, type HttpError, prepareHead, sendAnswer } from '../../../src/index.js';
import type { AnswerPlan } from '../../../src/index.js';
import { RawClient, get, requestText } from '../../support/raw-client.js';
import { eventually, startServer } from '../../support/test-server.js';
import { startAnswering } from './answering.js';

const plain: AnswerPlan = {
  mode: 'auto',
  payload: undefined,
  status: undefined,
  reason: undefined,
  headers: {},
  cookies: {},
  contentType: undefined,
  redirectUrl: undefined,
  permanent: false,
  preserveMethod: false,
  complete: false,
};
const planned =
  (plan: Partial<AnswerPlan>) =>
  ({ response }: Exchange): unknown =>
    sendAnswer(response, { ...plain, ...plan });

describe('the answer of a message', async () => {
  const { answer } = await startAnswering();

  const cases: [what: string, plan: Partial<AnswerPlan>, expected: Record<string, unknown>][] = [
    ['text as HTML', { payload: 'hi' }, { status: 200, text: 'hi', 'content-type': 'text/html; charset=utf-8' }],
    [
      'an object as JSON, not to be sniffed',
      { payload: { a: 1 } },
      { text: '{"a":1}', 'content-type': 'application/json; charset=utf-8', 'x-content-type-options': 'nosniff' },
    ],
    ['nothing', {}, { text: '', 'content-length': '0', 'content-type': undefined }],
    ['text in JSON mode', { mode: 'json', payload: 'hi' }, { text: '"hi"' }],
    [
      'an object in text mode',
      { mode: 'text', payload: { a: 1 } },
      { text: '{"a":1}', 'content-type': 'text/plain; charset=utf-8' },
    ],
    [
      'a status as text, a reason of its own',
      { status: ' 404 ', reason: 'Gone fishing' },
      { status: 404, reason: 'Gone fishing' },
    ],
    [
      'a type that wins over the header and the payload',
      { payload: 'x', contentType: 'text/csv', headers: { 'content-TYPE': 'text/x' } },
      { 'content-type': 'text/csv; charset=utf-8' },
    ],
    [
      'a type with a charset',
      { payload: 'x', headers: { 'Content-Type': 'text/x; charset=latin1' } },
      { 'content-type': 'text/x; charset=latin1' },
    ],
    [
      'headers: repeated, numbers, empty ones left out',
      { headers: { 'X-L': ['1', 2], 'X-N': 5, 'X-No': null, 'X-B': true } },
      { 'x-l': ['1', '2'], 'x-n': '5', 'x-no': undefined, 'x-b': 'true' },
    ],
    [
      'T40 headers that frame the message are dropped',
      {
        payload: 'abc',
        headers: {
          'Transfer-Encoding': 'chunked',
          Upgrade: 'x',
          'Content-Length': 99,
          Connection: 'keep-alive',
          TE: 'x',
        },
      },
      { text: 'abc', 'content-length': '3', 'transfer-encoding': undefined, upgrade: undefined, te: undefined },
    ],
    ['T40 Connection: close is honoured', { headers: { connection: 'Close' } }, { connection: 'close' }],
    [
      '204 without body, type and length',
      { status: 204, payload: 'x' },
      { status: 204, text: '', 'content-type': undefined, 'content-length': undefined },
    ],
    [
      '304 without body and length',
      { status: 304, payload: 'x', headers: { ETag: '"a"' } },
      { status: 304, text: '', 'content-length': undefined, etag: '"a"' },
    ],
    [
      'cookies beside manual ones',
      {
        headers: { 'set-cookie': ['m=1', 'n=2'] },
        cookies: {
          a: 'b c',
          gone: null,
          o: { value: 'v', maxAge: 60_000, httpOnly: true, sameSite: 'lax' },
          j: { value: { x: 1 } },
          also: { value: null, path: '/p' },
        },
      },
      {},
    ],
    [
      'a redirect',
      { mode: 'redirect', redirectUrl: '/ä?x=1', payload: 'x', headers: { location: '/no' } },
      { status: 302, location: '/%C3%A4?x=1', text: '', 'content-length': '0' },
    ],
    ['a permanent redirect', { mode: 'redirect', redirectUrl: '/', permanent: true }, { status: 301 }],
    ['a redirect that keeps the method', { mode: 'redirect', redirectUrl: '/', preserveMethod: true }, { status: 307 }],
    [
      'a permanent one that keeps the method',
      { mode: 'redirect', redirectUrl: '/', permanent: true, preserveMethod: true },
      { status: 308 },
    ],
    ['a redirect with its own status', { mode: 'redirect', redirectUrl: '/', status: 303 }, { status: 303 }],
    [
      'a Node stream',
      { payload: Readable.from(['a', Buffer.from('b'), '']) },
      { text: 'ab', 'transfer-encoding': 'chunked', 'content-type': 'application/octet-stream' },
    ],
    [
      'a generator in text mode',
      {
        mode: 'text',
        payload: (function* () {
          yield 'a';
          yield 5;
          yield null;
          yield { x: 1 };
        })(),
      },
      { text: 'a5{"x":1}', 'content-type': 'text/plain; charset=utf-8' },
    ],
    [
      'an async iterable in JSON mode',
      {
        mode: 'json',
        payload: (async function* () {
          yield '[1';
          await Promise.resolve();
          yield ']';
        })(),
      },
      { text: '[1]', 'content-type': 'application/json; charset=utf-8' },
    ],
    ['an empty stream', { payload: Readable.from([]) }, { text: '' }],
    [
      'a stream with its length',
      { payload: Readable.from(['abc']), headers: { 'Content-Length': '3' } },
      { text: 'abc', 'content-length': '3', 'transfer-encoding': undefined },
    ],
  ];
  for (const [what, plan, expected] of cases)
    it(what, async () => {
      const response = await answer(planned(plan));
      assert.equal(response.thrown, undefined);
      for (const [name, value] of Object.entries(expected)) {
        if (name === 'status' || name === 'reason' || name === 'text') assert.equal(response[name], value);
        else if (Array.isArray(value)) assert.deepEqual(response.all(name), value);
        else assert.equal(response.get(name), value, name);
      }
      if (what.startsWith('cookies')) {
        const lines = response.all('set-cookie');
        assert.deepEqual(lines.slice(0, 4), [
          'm=1',
          'n=2',
          'a=b%20c; Path=/',
          'gone=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
        ]);
        assert.match(lines[4] ?? '', /^o=v; Path=\/; Max-Age=60; Expires=.*GMT; HttpOnly; SameSite=Lax$/);
        assert.equal(lines[5], 'j=j%3A%7B%22x%22%3A1%7D; Path=/');
        assert.equal(lines[6], 'also=; Path=/p; Expires=Thu, 01 Jan 1970 00:00:00 GMT');
      }
    });

  it('a web stream', async () => {
    const source = new ReadableStream({
      start(controller) {
        controller.enqueue(new Uint8Array([104, 105]));
        controller.close();
      },
    });
    assert.equal((await answer(planned({ payload: source }))).text, 'hi');
  });

  it('tells what it left out', async () => {
    let dropped: unknown;
    await answer((exchange) => (dropped = planned({ headers: { Upgrade: 'x', 'keep-alive': '1', X: '1' } })(exchange)));
    assert.deepEqual(dropped, ['Upgrade', 'keep-alive']);
  });

  it("HEAD: the body's length, or the flow's own where there is no body", async () => {
    const head = (plan: Partial<AnswerPlan>): ReturnType<typeof answer> =>
      answer(planned(plan), requestText('HEAD', '/'), { head: true });
    assert.equal((await head({ payload: 'hello' })).get('content-length'), '5');
    assert.equal((await head({ headers: { 'Content-Length': 77 } })).get('content-length'), '77');
    assert.equal((await head({ headers: { 'Content-Length': 'x' } })).get('content-length'), '0');
    assert.equal((await head({ payload: Readable.from(['abc']) })).body.length, 0);
  });

  const refusals: [what: string, plan: Partial<AnswerPlan>, code: string, message: string | RegExp][] = [
    ...[99, 1000, 199, 101, 'abc', NaN, 200.5, {}, null].map(
      (status): [string, Partial<AnswerPlan>, string, RegExp] => [
        `T39 status ${String(status)}`,
        { status: status ?? 'null' },
        'INVALID_STATUS',
        /^The status code must be a whole number from 200 to 599, not /,
      ],
    ),
    [
      'T39 a reason with a line break',
      { reason: 'a\r\nb' },
      'INVALID_STATUS',
      'The reason phrase (msg.statusText) must be text without line breaks.',
    ],
    [
      'T38 CR LF in a header',
      { headers: { A: 'x\r\ny' } },
      'INVALID_HEADER',
      'The header A contains a line break or another character that a header cannot carry.',
    ],
    ['T38 NUL in a header', { headers: { A: '\0' } }, 'INVALID_HEADER', /^The header A contains/],
    ['T38 text beyond latin1', { headers: { A: '€' } }, 'INVALID_HEADER', /^The header A contains/],
    ['T38 a name with a space', { headers: { 'A B': 'x' } }, 'INVALID_HEADER', 'The header name "A B" is not valid.'],
    [
      'T38 a header that is an object',
      { headers: { A: {} } },
      'INVALID_HEADER',
      'The header A must be text, not object.',
    ],
    [
      'T38 headers that are a list',
      { headers: ['x'] as never },
      'INVALID_HEADER',
      'msg.headers must be an object of names and values.',
    ],
    ['T41 a cookie name', { cookies: { 'a=b': '1' } }, 'INVALID_COOKIE', /^The cookie "a=b" cannot be set: /],
    [
      'T41 a cookie attribute',
      { cookies: { a: { value: '1', domain: 'x; Path=/' } } },
      'INVALID_COOKIE',
      /the domain is not valid/,
    ],
    ['T41 a cookie over 4096 bytes', { cookies: { a: 'x'.repeat(5000) } }, 'INVALID_COOKIE', /longer than 4096 bytes/],
    [
      'T41 a __Host- cookie that is not secure',
      { cookies: { '__Host-a': '1' } },
      'INVALID_COOKIE',
      /__Host- cookie needs secure/,
    ],
    [
      'T42 a redirect with a line break',
      { mode: 'redirect', redirectUrl: '/\r\nx' },
      'INVALID_REDIRECT',
      'The redirect address contains a line break or another control character.',
    ],
    ['a redirect without a target', { mode: 'redirect' }, 'INVALID_REDIRECT', /There is no address/],
    [
      'a redirect with a status that is none',
      { mode: 'redirect', redirectUrl: '/', status: 200 },
      'INVALID_REDIRECT',
      /between 300 and 399, not 200/,
    ],
    [
      'a redirect with a status and a flag',
      { mode: 'redirect', redirectUrl: '/', status: 303, permanent: true },
      'INVALID_REDIRECT',
      'Cannot specify both status and permanent/preserve_method argument',
    ],
    ['T47 a payload without text', { payload: () => 1 }, 'INVALID_PAYLOAD', /function cannot be written/],
  ];
  for (const [what, plan, code, message] of refusals)
    it(`${what} is ${code}, before the response is touched`, async () => {
      const response = await answer(planned(plan));
      const thrown = response.thrown as HttpError;
      assert.equal(thrown.code, code);
      if (typeof message === 'string') assert.equal(thrown.message, message);
      else assert.match(thrown.message, message);
      assert.equal(response.text, 'not answered');
      assert.deepEqual(response.all('set-cookie'), []);
    });

  it('T45 one answer: the second is ALREADY_ANSWERED, also while the first is still at work', async () => {
    const response = await answer(async (exchange) => {
      const first = planned({
        payload: (async function* () {
          await Promise.resolve();
          yield 'first';
        })(),
      })(exchange);
      assert.throws(() => planned({ payload: 'second' })(exchange), { code: 'ALREADY_ANSWERED' });
      await first;
      assert.throws(() => planned({ payload: 'third' })(exchange), { code: 'ALREADY_ANSWERED' });
    });
    assert.equal(response.text, 'first');
  });

  it('a stream that fails before its first byte leaves the response to others', async () => {
    const response = await answer(
      planned({
        headers: { 'X-A': '1' },
        payload: new Readable({
          read: (): never => {
            throw new Error('no data');
          },
        }),
      }),
    );
    assert.equal((response.thrown as HttpError).message, 'The stream of the payload failed: no data');
    assert.equal(response.text, 'not answered');
    assert.equal(response.get('x-a'), undefined);
  });
});

describe('an answer in pieces', async () => {
  const { answer } = await startAnswering();

  it('is a chunk a message; empty ones are skipped, the last one may carry a piece', async () => {
    const response = await answer(async (exchange) => {
      for (const payload of ['ab', '', Buffer.from('c'), undefined, null, { x: 1 }])
        await planned({ mode: 'chunked', payload, status: 201, headers: { 'X-A': 'first' } })(exchange);
      await planned({ mode: 'chunked', payload: 'end', complete: true, status: 500, headers: { 'X-A': 'late' } })(
        exchange,
      );
    });
    assert.deepEqual([response.status, response.get('x-a'), response.text], [201, 'first', 'abc{"x":1}end']);
    assert.deepEqual(response.chunks, [2, 1, 7, 3]);
    assert.equal(response.get('content-type'), 'text/plain; charset=utf-8');
  });

  it('T45 a complete one takes nothing more; others may not answer meanwhile', async () => {
    await answer(async (exchange) => {
      await planned({ mode: 'chunked', payload: 'a' })(exchange);
      assert.throws(() => planned({ payload: 'x' })(exchange), { code: 'ALREADY_ANSWERED' });
      await planned({ mode: 'chunked', payload: 'b', complete: true })(exchange);
      await assert.rejects(Promise.resolve(planned({ mode: 'chunked', payload: 'c' })(exchange)), {
        code: 'ALREADY_ANSWERED',
      });
    });
  });

  it('of HEAD and of 204 has no body', async () => {
    const head = await answer(planned({ mode: 'chunked', payload: 'abc', complete: true }), requestText('HEAD', '/'), {
      head: true,
    });
    assert.equal(head.body.length, 0);
    const none = await answer(planned({ mode: 'chunked', payload: 'abc', status: 204, complete: true }));
    assert.equal(none.text, '');
  });

  it('T13 a client that does not read is closed at the backlog', async () => {
    const { port, stop } = await startServer(({ response }) => {
      const run = async (): Promise<void> => {
        for (;;)
          await Promise.race([
            ChunkedAnswer.of(response, () => prepareHead(200, undefined, {}))?.write(Buffer.alloc(1024 * 1024), false),
            new Promise((resolve) => setTimeout(resolve, 5)),
          ]);
      };
      run().catch((error: unknown) => {
        code = (error as HttpError).code;
      });
    });
    let code: string | undefined;
    const client = await RawClient.open(port);
    client.socket.pause();
    client.send(get('/'));
    await eventually('it is closed', () => code === 'CLIENT_TOO_SLOW');
    client.destroy();
    await stop();
  });

  it('a client that has left is no error', async () => {
    let outcome: unknown;
    let exchange: Exchange | undefined;
    const { port, stop } = await startServer((given) => (exchange = given));
    const client = await RawClient.open(port);
    client.send(get('/'));
    await eventually('the flow has it', () => exchange !== undefined);
    client.destroy();
    await once(exchange?.response as NonNullable<typeof exchange>['response'], 'close');
    for (const plan of [
      { payload: 'x' },
      { mode: 'chunked', payload: 'x' },
      { mode: 'redirect', redirectUrl: '/' },
      { payload: Readable.from(['x']) },
    ] as const) {
      outcome = await planned(plan)(exchange as Exchange);
      assert.deepEqual(outcome, []);
    }
    await stop();
  });

  it('T37 a stream that breaks off cuts the connection: no part is taken for the whole', async () => {
    const { port, stop } = await startServer(({ response }) => {
      Promise.resolve(
        sendAnswer(response, {
          ...plain,
          payload: (async function* () {
            yield 'part';
            await new Promise((resolve) => setTimeout(resolve, 20));
            throw new Error('broken');
          })(),
        }),
      ).catch(() => undefined);
    });
    const client = await RawClient.open(port);
    client.send(get('/'));
    await client.closed();
    assert.match(client.received, /part/);
    assert.doesNotMatch(client.received, /0\r\n\r\n$/);
    await stop();
  });

  it('T37 a stream of another length than announced cuts the connection', async () => {
    for (const parts of [['abc'], ['abcdefgh']]) {
      const { port, stop } = await startServer(({ response }) => {
        Promise.resolve(
          sendAnswer(response, { ...plain, payload: Readable.from(parts), headers: { 'Content-Length': '5' } }),
        ).catch((error: unknown) => {
          assert.match((error as Error).message, /announced 5 bytes/);
          if (!response.headersSent) response.destroy();
        });
      });
      const client = await RawClient.open(port);
      client.send(get('/'));
      await client.closed();
      assert.ok(!client.received.includes('abcdefgh'));
      await stop();
    }
  });
});
