import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HeadDraft } from '../../../src/exchange/head-draft.js';
import { startAnswering } from './answering.js';

describe('The draft of a head', () => {
  it('finds and replaces a header in any case, in its place', () => {
    const draft = new HeadDraft({ 'Content-Type': 'text/plain', vary: 'Accept', 'Content-Length': 5 });
    assert.equal(draft.getHeader('CONTENT-LENGTH'), 5);
    assert.equal(draft.getHeader('X-None'), undefined);
    draft.setHeader('Vary', 'Accept, Origin');
    draft.setHeader('X-New', ['1', '2']);
    assert.deepEqual(draft.list, [
      'Content-Type',
      'text/plain',
      'Vary',
      'Accept, Origin',
      'Content-Length',
      5,
      'X-New',
      ['1', '2'],
    ]);
  });
});

describe('A head of which the server writes a part', async () => {
  const { answer } = await startAnswering({
    cors: {
      origins: ['https://site.example'],
      methods: [],
      allowHeaders: [],
      exposeHeaders: ['X-Total'],
      credentials: false,
      maxAge: 5,
    },
    headers: [
      ['X-Default', 'server'],
      ['Set-Cookie', ['a=1', 'b=2']],
    ],
  });
  const request = 'GET / HTTP/1.1\r\nHost: a\r\nOrigin: https://site.example\r\n\r\n';

  it('keeps what the flow says, adds to its Vary, and has each default once', async () => {
    for (const given of [{ vary: 'Accept', 'x-default': 'own' }, undefined]) {
      const response = await answer(({ response }) => response.writeHead(200, 'Fine', given).end(), request);
      assert.equal(response.reason, 'Fine');
      assert.equal(response.get('vary'), given ? 'Accept, Origin' : 'Origin');
      assert.equal(response.get('x-default'), given ? 'own' : 'server');
      assert.equal(response.get('access-control-allow-origin'), 'https://site.example');
      assert.equal(response.get('access-control-expose-headers'), 'X-Total');
      assert.deepEqual(response.all('set-cookie'), ['a=1', 'b=2']);
    }
  });

  it('is the same when some of it was set before', async () => {
    const response = await answer(({ response }) => {
      response.setHeader('Vary', 'Accept');
      response.writeHead(200, { 'X-DEFAULT': 'own' }).end();
    }, request);
    assert.equal(response.get('vary'), 'Accept, Origin');
    assert.equal(response.get('x-default'), 'own');
    assert.deepEqual(response.all('set-cookie'), ['a=1', 'b=2']);
  });
});
