import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Exchange, HttpError, ServerResponse } from '../../../src/index.js';
import { requestText } from '../../support/raw-client.js';
import { startAnswering } from './answering.js';

const respond =
  (act: (response: ServerResponse) => unknown) =>
  ({ response }: Exchange): unknown =>
    act(response);

describe("the server's default headers", async () => {
  const { answer } = await startAnswering({
    headers: [
      ['X-Default', 'server'],
      ['X-Two', ['1', '2']],
    ],
  });

  it('are on every answer that does not set them itself, in whatever way it does', async () => {
    const plain = await answer(respond((response) => response.end()));
    assert.equal(plain.get('x-default'), 'server');
    assert.deepEqual(plain.all('x-two'), ['1', '2']);
    const own: ((response: ServerResponse) => unknown)[] = [
      (response) => response.setHeader('x-DEFAULT', 'own') && response.end(),
      (response) => response.writeHead(200, { 'x-default': 'own' }).end(),
      (response) => response.writeHead(200, 'Fine', { 'x-default': 'own' }).end(),
      (response) => response.writeHead(200, ['x-default', 'own']).end(),
      (response) => response.set('X-Default', 'own').send('x'),
    ];
    for (const act of own) assert.equal((await answer(respond(act))).get('x-default'), 'own');
  });
});

describe('the methods of Express on the response', async () => {
  const { answer } = await startAnswering();
  const root = mkdtempSync(join(tmpdir(), 'express-'));
  after(() => rmSync(root, { recursive: true }));
  writeFileSync(join(root, 'a file.txt'), 'text of the file');

  const cases: [what: string, act: (response: ServerResponse) => unknown, expected: Record<string, unknown>][] = [
    [
      'send(text)',
      (res) => res.send('hi'),
      { status: 200, text: 'hi', 'content-type': 'text/html; charset=utf-8', 'content-length': '2' },
    ],
    [
      'send(object)',
      (res) => res.send({ a: 1 }),
      { text: '{"a":1}', 'content-type': 'application/json; charset=utf-8', 'x-content-type-options': 'nosniff' },
    ],
    ['send(null)', (res) => res.send(null), { text: 'null' }],
    ['send(Buffer)', (res) => res.send(Buffer.from('b')), { text: 'b', 'content-type': 'application/octet-stream' }],
    ['send()', (res) => res.send(), { text: '', 'content-type': undefined, 'content-length': '0' }],
    ['send(number)', (res) => res.send(5), { text: '5' }],
    ['status().json()', (res) => res.status(201).json('x'), { status: 201, text: '"x"' }],
    [
      'jsonp is json',
      (res) => res.jsonp({ callback: 1 }),
      { text: '{"callback":1}', 'content-type': 'application/json; charset=utf-8' },
    ],
    [
      'sendStatus',
      (res) => res.sendStatus(404),
      { status: 404, reason: 'Not Found', text: 'Not Found', 'content-type': 'text/plain; charset=utf-8' },
    ],
    ['type by extension', (res) => res.type('.png').send(Buffer.from('x')), { 'content-type': 'image/png' }],
    ['type whole', (res) => res.type('text/x').send('x'), { 'content-type': 'text/x; charset=utf-8' }],
    ['type unknown', (res) => res.contentType('nonsense').send('x'), { 'content-type': 'application/octet-stream' }],
    [
      'set an object',
      (res) => res.set({ 'X-A': 1, 'Content-Type': 'text/csv' }).send('x'),
      { 'x-a': '1', 'content-type': 'text/csv; charset=utf-8' },
    ],
    ['header and get', (res) => res.header('X-A', 'v').send(String(res.get('x-a'))), { text: 'v' }],
    ['append', (res) => res.append('X-A', '1').append('X-A', ['2', '3']).end(), { 'x-a': ['1', '2', '3'] }],
    ['vary', (res) => res.vary('Accept').vary(['accept', 'Origin']).end(), { vary: 'Accept, Origin' }],
    ['location', (res) => res.location('/x').end(), { location: '/x' }],
    ['redirect(url)', (res) => res.redirect('/ü'), { status: 302, location: '/%C3%BC', text: '' }],
    ['redirect(status, url)', (res) => res.redirect(301, '/x'), { status: 301, location: '/x' }],
    [
      'attachment',
      (res) => res.attachment('ü.pdf').end(),
      {
        'content-type': 'application/pdf',
        'content-disposition': `attachment; filename="?.pdf"; filename*=UTF-8''%C3%BC.pdf`,
      },
    ],
    ['attachment()', (res) => res.attachment().end(), { 'content-disposition': 'attachment' }],
    [
      'cookie',
      (res) => res.cookie('a', 'b c', { httpOnly: true }).cookie('j', { x: 1 }).end(),
      { 'set-cookie': ['a=b%20c; Path=/; HttpOnly', 'j=j%3A%7B%22x%22%3A1%7D; Path=/'] },
    ],
    [
      'clearCookie',
      (res) => res.clearCookie('a', { path: '/x' }).end(),
      { 'set-cookie': 'a=; Path=/x; Expires=Thu, 01 Jan 1970 00:00:00 GMT' },
    ],
    [
      'sendFile',
      (res) => res.sendFile(join(root, 'a file.txt')),
      { text: 'text of the file', 'content-type': 'text/plain; charset=utf-8' },
    ],
    [
      'sendFile in a root',
      (res) => res.sendFile('a file.txt', { root, maxAge: 60_000, headers: { 'X-A': '1' } }),
      { text: 'text of the file', 'cache-control': 'public, max-age=60', 'x-a': '1' },
    ],
    ['sendFile outside its root', (res) => res.sendFile('../x', { root }), { status: 403 }],
    ['sendFile of nothing', (res) => res.sendFile(join(root, 'none')), { status: 404 }],
    [
      'download',
      (res) => res.download(join(root, 'a file.txt')),
      { text: 'text of the file', 'content-disposition': 'attachment; filename="a file.txt"' },
    ],
    [
      'download under another name',
      (res) => res.download(join(root, 'a file.txt'), 'b.txt'),
      { 'content-disposition': 'attachment; filename="b.txt"' },
    ],
  ];
  for (const [what, act, expected] of cases)
    it(what, async () => {
      const response = await answer(respond(act));
      assert.equal(response.thrown, undefined);
      for (const [name, value] of Object.entries(expected)) {
        if (name === 'status' || name === 'reason' || name === 'text') assert.equal(response[name], value);
        else if (Array.isArray(value)) assert.deepEqual(response.all(name), value);
        else assert.equal(response.get(name), value, name);
      }
    });

  it('sendFile tells its end or its error, and somebody else may answer after an error', async () => {
    const told: unknown[] = [];
    const sent = await answer(
      respond(
        (response) =>
          new Promise<void>((resolve) =>
            response.sendFile(join(root, 'a file.txt'), (error) => {
              told.push(error);
              resolve();
            }),
          ),
      ),
    );
    assert.equal(sent.status, 200);
    const missing = await answer(
      respond((response) =>
        new Promise<void>((resolve) =>
          response.sendFile('none', { root }, (error) => {
            told.push((error as HttpError).code);
            resolve();
          }),
        ).then(() => response.end('instead')),
      ),
    );
    assert.equal(missing.text, 'instead');
    assert.deepEqual(told, [undefined, 'FILE_NOT_FOUND']);
  });

  const refusals: [what: string, act: (response: ServerResponse) => unknown, code: string][] = [
    ['T38 a header with a line break', (res) => res.set('X-A', 'a\r\nb'), 'INVALID_HEADER'],
    ['T38 a header name with a space', (res) => res.set({ 'X A': '1' }), 'INVALID_HEADER'],
    ['T39 a status that is none', (res) => res.status(99).send('x'), 'INVALID_STATUS'],
    ['T39 a sendStatus that is none', (res) => res.sendStatus(1000), 'INVALID_STATUS'],
    ['T41 a cookie name that is none', (res) => res.cookie('a b', '1'), 'INVALID_COOKIE'],
    [
      'T41 a cookie attribute that would begin another',
      (res) => res.cookie('a', '1', { path: '/;x' }),
      'INVALID_COOKIE',
    ],
    ['T42 a redirect with a line break', (res) => res.redirect('/a\r\nb'), 'INVALID_REDIRECT'],
    ['T42 a redirect to nowhere', (res) => res.redirect(''), 'INVALID_REDIRECT'],
    [
      'T47 a payload with a cycle',
      (res) => {
        const a: { a?: unknown } = {};
        a.a = a;
        res.json(a);
      },
      'INVALID_PAYLOAD',
    ],
  ];
  for (const [what, act, code] of refusals)
    it(`${what} is ${code}, and the response is untouched`, async () => {
      const response = await answer(respond(act));
      assert.equal((response.thrown as HttpError).code, code);
      assert.equal(response.text, 'not answered');
    });

  it('T45 a second answer is ALREADY_ANSWERED, whatever method tries', async () => {
    const codes: string[] = [];
    const first = await answer(
      respond((response) => {
        response.send('first');
        const tries = [
          () => response.send('x'),
          () => response.json(1),
          () => response.sendStatus(200),
          () => response.redirect('/'),
          () => response.set('X-A', '1'),
          () => response.append('X-A', '1'),
          () => response.type('html'),
          () => response.cookie('a', 1),
          () => response.vary('A'),
          () => response.attachment(),
        ];
        for (const attempt of tries)
          try {
            attempt();
          } catch (error) {
            codes.push((error as HttpError).code);
          }
      }),
    );
    assert.equal(first.text, 'first');
    assert.deepEqual(
      codes,
      Array.from({ length: 10 }, () => 'ALREADY_ANSWERED'),
    );
  });

  it('HEAD has the headers and no body', async () => {
    const response = await answer(
      respond((res) => res.send('hello')),
      requestText('HEAD', '/'),
      { head: true },
    );
    assert.equal(response.get('content-length'), '5');
    assert.equal(response.body.length, 0);
  });
});
