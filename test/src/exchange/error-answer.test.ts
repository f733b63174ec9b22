import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { HttpError, RouteTable, answerUnmatched, applyRoutes, sendError } from '../../../src/index.js';
import type { Exchange } from '../../../src/index.js';
import { RawClient, get, post, requestText } from '../../support/raw-client.js';
import { startAnswering } from './answering.js';

const failing =
  (error: unknown, options?: { force?: boolean }) =>
  ({ response }: Exchange): unknown =>
    sendError(response, error, options);

describe('an error as answer', async () => {
  const { answer } = await startAnswering({ headers: [['X-Default', '1']] });
  const { answer: answerOpenly } = await startAnswering({ debug: true });

  it('is the reason phrase in plain text, not to be sniffed, with the headers of the server', async () => {
    const response = await answer(failing(new HttpError('BAD_JSON', { message: 'secret', detail: '/secret' })));
    assert.deepEqual(
      [
        response.status,
        response.text,
        response.get('content-type'),
        response.get('x-content-type-options'),
        response.get('x-default'),
      ],
      [400, 'Bad Request', 'text/plain; charset=utf-8', 'nosniff', '1'],
    );
  });

  it('is JSON for clients that prefer it', async () => {
    for (const [accept, isJson] of [
      ['application/json', true],
      ['application/json, text/plain;q=0.9', true],
      ['application/*', true],
      ['*/*', false],
      ['text/html, */*;q=0.1', false],
      ['text/plain, application/json', false],
    ] as const) {
      const response = await answer(failing(new HttpError('LIMIT_FILES')), get('/', `Accept: ${accept}`));
      assert.equal(response.get('content-type')?.startsWith('application/json'), isJson, accept);
      if (isJson)
        assert.deepEqual(JSON.parse(response.text), { status: 413, error: 'Payload Too Large', code: 'LIMIT_FILES' });
    }
  });

  it('names the reason, with its detail, where debug is on', async () => {
    const response = await answerOpenly(
      failing(new HttpError('FILE_NOT_FOUND', { detail: 'File does not exist: /x' })),
    );
    assert.equal(response.text, 'File not found: File does not exist: /x');
  });

  it('T44 T85 says nothing of the machine, and a 500 carries an id that the log carries, too', async () => {
    let id: unknown;
    const response = await answer(
      ({ response: given }) => {
        id = sendError(given, new Error('secret at /home/x'));
      },
      get('/', 'Accept: application/json'),
    );
    assert.match(String(id), /^[\da-f]{12}$/);
    assert.deepEqual(JSON.parse(response.text), {
      status: 500,
      error: 'Internal Server Error',
      code: 'INTERNAL_ERROR',
      requestId: id,
    });
    assert.equal(response.get('x-request-id'), id);
  });

  it('has the words of the API for files', async () => {
    for (const [code, text] of [
      ['INVALID_PATH', 'Invalid path'],
      ['BACKSLASH_IN_PATH', 'Invalid path'],
      ['PARENT_DIRECTORY_REFERENCE', 'Invalid path'],
      ['FILE_NOT_FOUND', 'File not found'],
      ['FILES_DISABLED', 'File not found'],
    ] as const)
      assert.equal((await answer(failing(new HttpError(code)))).text, text);
  });

  it('carries the headers of the error and none that were prepared for another answer', async () => {
    const response = await answer((exchange) => {
      exchange.response.setHeader('X-Page', '1');
      exchange.response.setHeader('Set-Cookie', 'a=1');
      sendError(exchange.response, new HttpError('OVERLOADED', { headers: { 'Retry-After': '7' } }));
    });
    assert.deepEqual(
      [response.status, response.get('retry-after'), response.get('x-page'), response.all('set-cookie')],
      [503, '7', undefined, []],
    );
  });

  it('T45 comes too late for a request that is answered, or that somebody answers unless forced', async () => {
    const late = await answer(({ response }) => {
      response.send('first');
      assert.equal(sendError(response, new HttpError('NOT_FOUND')), '');
    });
    assert.equal(late.text, 'first');
  });

  it('HEAD has no body', async () => {
    const response = await answer(failing(new HttpError('NOT_FOUND')), requestText('HEAD', '/'), { head: true });
    assert.deepEqual([response.status, response.body.length], [404, 0]);
  });

  it('closes the connection of a client that is still sending, after it could read', async () => {
    const { server } = await startAnswering({ limits: { bodyLimit: 10 } });
    const client = await RawClient.open(server.port);
    client.send(requestText('POST', '/', ['Content-Length: 500000']));
    const response = await client.response();
    assert.deepEqual([response.status, response.get('connection')], [413, 'close']);
    client.send(Buffer.alloc(500_000));
    assert.equal(await client.closed(), '');
    client.destroy();
  });

  it('takes in no more than a megabyte of what a refused client sends', async () => {
    const { server } = await startAnswering({ limits: { bodyLimit: 10 } });
    const client = await RawClient.open(server.port);
    client.send(requestText('POST', '/', ['Content-Length: 50000000']));
    assert.equal((await client.response()).status, 413);
    for (let sent = 0; sent < 300 && !client.ended; sent += 1) {
      client.send(Buffer.alloc(64 * 1024));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await client.closed();
    client.destroy();
  });

  it('T17 a client that waits for 100 Continue gets its answer at once and no 100', async () => {
    const { server } = await startAnswering({ limits: { bodyLimit: 10 } });
    const client = await RawClient.open(server.port);
    client.send(requestText('POST', '/', ['Content-Length: 100', 'Expect: 100-continue']));
    const response = await client.response();
    assert.deepEqual([response.status, response.interim], [413, []]);
    await client.closed();
    client.destroy();
  });
});

describe('the routes of a request', async () => {
  const { answer } = await startAnswering();
  const table = new RouteTable([
    { methods: ['GET'], path: '/a/<id>', appendSlash: false, value: 0 },
    { methods: ['POST', 'PUT'], path: '/a/<id>', appendSlash: false, value: 1 },
    { methods: [], path: '/w/.../....', appendSlash: false, value: 2 },
  ] as never);

  it('gives params and route; named ones of later matches are merged, wildcards replaced', async () => {
    await answer(({ request, response }) => {
      request.params = { id: 'old', other: 'kept', '0': 'gone' };
      assert.equal(applyRoutes(table, request).kind, 'match');
      assert.deepEqual(request.params, { id: 'x y', other: 'kept' });
      assert.deepEqual(request.route, { path: '/a/<id>', methods: { get: true } });
      response.end();
    }, get('/a/x%20y'));
    await answer(({ request, response }) => {
      applyRoutes(table, request);
      assert.deepEqual(request.params, { '0': 'one', '1': 'two/three' });
      assert.deepEqual(request.route, { path: '/w/.../....', methods: { _all: true } });
      response.end();
    }, get('/w/one/two/three'));
  });
});

describe('a request no rule took', async () => {
  const root = mkdtempSync(join(tmpdir(), 'unmatched-'));
  writeFileSync(join(root, 'a.txt'), 'file');
  after(() => rmSync(root, { recursive: true }));
  const withFiles = await startAnswering({ rootPath: root });
  const without = await startAnswering();
  const none = { kind: 'none' } as const;
  const known = { kind: 'method', allow: ['GET', 'HEAD'] } as const;
  const unmatched =
    (match: typeof none | typeof known, files: boolean) =>
    ({ request, response }: Exchange): unknown =>
      answerUnmatched(request, response, match, files);

  it('is 404, or 405 with Allow for a known path, 204 to OPTIONS', async () => {
    assert.equal((await without.answer(unmatched(none, false))).status, 404);
    const wrong = await without.answer(unmatched(known, false), post('/', ''));
    assert.deepEqual([wrong.status, wrong.get('allow')], [405, 'GET, HEAD']);
    const options = await without.answer(unmatched(known, true), requestText('OPTIONS', '/'));
    assert.deepEqual([options.status, options.get('allow')], [204, 'GET, HEAD']);
  });

  it('first looks for a file, for GET and HEAD', async () => {
    assert.equal((await withFiles.answer(unmatched(none, true), get('/a.txt'))).text, 'file');
    assert.equal((await withFiles.answer(unmatched(known, true), get('/a.txt'))).text, 'file');
    assert.equal((await withFiles.answer(unmatched(none, true), get('/none'))).text, 'File not found');
    assert.equal((await withFiles.answer(unmatched(none, true), get('/..%5c'))).status, 403);
    assert.equal((await withFiles.answer(unmatched(known, true), get('/none'))).status, 405);
    assert.equal((await withFiles.answer(unmatched(none, true), post('/a.txt', ''))).status, 404);
    assert.equal((await without.answer(unmatched(none, true), get('/a.txt'))).status, 404);
  });
});
