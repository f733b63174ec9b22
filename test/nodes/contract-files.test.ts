/** `file-response`: every property, and where the file name comes from. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import zlib from 'node:zlib';
import { LiveFlow } from '../support/live-flow.js';
import type { Flow } from '../support/node-red.js';
import { RawClient, type RawResponse, ask, get, post, requestText } from '../support/raw-client.js';

const top = mkdtempSync(join(tmpdir(), 'contract-files-'));
const root = join(top, 'root');
const other = join(top, 'other');
for (const folder of ['sub', 'sub/deep', '.hidden', 'ü']) mkdirSync(join(root, folder), { recursive: true });
mkdirSync(other);
const texts: Record<string, string> = {
  'index.html': 'home',
  'a.txt': 'file a',
  'app.html': 'the app',
  'data.json': '{"a":1}',
  'nums.txt': '123456789',
  'sub/index.html': 'index of sub',
  'sub/start.htm': 'start of sub',
  'sub/deep/x.txt': 'x',
  'ü/ö.txt': 'umlaut',
  '.hidden/a.txt': 'hidden',
  'style.css': 'plain',
};
for (const [name, text] of Object.entries(texts)) writeFileSync(join(root, name), text);
writeFileSync(join(root, 'style.css.gz'), zlib.gzipSync('from gz'));
writeFileSync(join(root, 'style.css.br'), zlib.brotliCompressSync(Buffer.from('from br')));
writeFileSync(join(other, 'a.txt'), 'other a');
writeFileSync(join(top, 'secret.txt'), 'secret');
symlinkSync(join(top, 'secret.txt'), join(root, 'link.txt'));
execFileSync('mkfifo', [join(root, 'fifo')]);

/** Nodes at the path of their id and below, with what differs from the defaults. */
const variants: Record<string, Record<string, unknown>> = {
  plain: {},
  rootPath: { rootPath: other },
  rootMsg: { rootPath: 'req.query.root', rootPathType: 'msg' },
  rootEnv: { rootPath: 'TEST_ROOT', rootPathType: 'env' },
  filename: { filename: 'a.txt' },
  leading: { filename: '/sub/deep/x.txt' },
  nameMsg: { filename: 'req.query.f', filenameType: 'msg' },
  nameJsonata: { filename: "req.query.f & '.txt'", filenameType: 'jsonata' },
  index: { index: 'start.htm' },
  noIndex: { index: '' },
  fallback: { fallback: 'app.html' },
  listing: { listing: true, index: '' },
  allow: { dotfiles: 'allow' },
  deny: { dotfiles: 'deny' },
  attachment: { attachment: true },
  download: { attachment: true, downloadName: 'req.query.n', downloadNameType: 'msg' },
  contentType: { contentType: 'text/x-own' },
  statusCode: { statusCode: '404' },
  headers: {
    headers: [
      { name: 'X-A', value: '1' },
      { name: 'X-B', value: '1' },
      { name: 'X-B', value: '2' },
      { name: 'Cache-Control', value: 'no-store' },
    ],
    maxAge: 9,
  },
  maxAge: { maxAge: '3600' },
  maxAgeZero: { maxAge: 0 },
  headOnly: { headOnly: true },
  unsafe: { safe: false },
  bufferSize: { bufferSize: '1' },
  notPrecompressed: { precompressed: false },
  notFound: { notFound: 'output', outputs: 1, wires: [['missing']] },
};

const nodes: Flow = [
  { id: 'name', type: 'http-server-in', server: 'server', path: '/msg', wires: [['named']] },
  {
    id: 'named',
    type: 'change',
    rules: [{ t: 'set', p: 'filename', pt: 'msg', to: 'req.query.f', tot: 'msg' }],
    wires: [['plain']],
  },
  { id: 'whole', type: 'http-server-in', server: 'server', path: '', wires: [['plain']] },
  { id: 'two', type: 'http-server-in', server: 'server', path: '/two/..../in/*', wires: [['plain']] },
  {
    id: 'missing',
    type: 'function',
    func: "msg.payload = { missing: msg.req.params['0'] }; return msg;",
    wires: [['json']],
  },
  { id: 'json', type: 'http-server-response' },
  ...Object.entries(variants).flatMap(([id, properties]) => [
    { id: `in-${id}`, type: 'http-server-in', server: 'server', path: `/${id}/*`, wires: [[id]] },
    { id, type: 'file-response', ...properties },
  ]),
];

describe('file-response', () => {
  let flow: LiveFlow;
  before(async () => {
    flow = await LiveFlow.start(nodes, { rootPath: root }, { env: { TEST_ROOT: other } });
  });
  after(async () => {
    await flow.stop();
    rmSync(top, { recursive: true });
  });

  const at = (path: string, ...headers: string[]): Promise<RawResponse> => ask(flow.port, get(path, ...headers));
  const text = async (path: string): Promise<string> => (await at(path)).text;

  it('the name: of the node, else of the message, else the last wildcard, else the path', async () => {
    assert.equal(await text('/filename/sub/whatever'), 'file a');
    assert.equal(await text('/leading/'), 'x');
    assert.equal(await text('/msg?f=a.txt'), 'file a');
    assert.equal(await text('/msg?f=/sub/deep/x.txt'), 'x');
    assert.equal(await text('/plain/sub/deep/x.txt'), 'x');
    assert.equal(await text('/two/any/thing/in/a.txt'), 'file a');
    assert.equal(await text('/a.txt'), 'file a');
    assert.equal(await text('/%C3%BC/%C3%B6.txt'), 'umlaut');
    assert.equal(await text('/plain/%C3%BC/%C3%B6.txt'), 'umlaut');
    assert.equal(await text('/nameMsg/x?f=a.txt'), 'file a');
    assert.equal(await text('/nameJsonata/x?f=a'), 'file a');
  });

  it('a name of the flow is not decoded again', async () => {
    assert.equal((await at('/msg?f=a%2574xt')).status, 404);
    assert.equal((await at('/msg?f=%2561.txt')).status, 404);
  });

  it('the root: of the node, else of the server', async () => {
    assert.equal(await text('/rootPath/a.txt'), 'other a');
    assert.equal(await text(`/rootMsg/a.txt?root=${encodeURIComponent(other)}`), 'other a');
    assert.equal(await text('/rootMsg/a.txt'), 'file a');
    assert.equal(await text('/rootEnv/a.txt'), 'other a');
    assert.equal(await text('/plain/a.txt'), 'file a');
  });

  it('index: of a folder with its slash; without, the folder redirects', async () => {
    assert.equal(await text('/plain/sub/'), 'index of sub');
    assert.equal(await text('/plain/'), 'home');
    assert.equal(await text('/index/sub/'), 'start of sub');
    assert.equal((await at('/noIndex/sub/')).status, 404);
    const redirect = await at('/plain/sub?a=1');
    assert.deepEqual([redirect.status, redirect.get('location')], [301, '/plain/sub/?a=1']);
    assert.equal(
      (await at('/msg?f=sub')).status,
      200,
      'the name is of the flow: there is no address to add a slash to',
    );
  });

  it('fallback: the page of an application, where HTML is wanted', async () => {
    const page = await at('/fallback/some/view', 'Accept: text/html,*/*;q=0.8');
    assert.deepEqual([page.status, page.text, page.get('content-type')], [200, 'the app', 'text/html; charset=utf-8']);
    assert.equal((await at('/fallback/some/data', 'Accept: application/json')).status, 404);
    assert.equal((await at('/fallback/a.txt', 'Accept: text/html')).text, 'file a');
    assert.equal((await at('/fallback/..%2fa', 'Accept: text/html')).status, 403);
  });

  it('listing: folders, HTML for people, JSON for scripts', async () => {
    const page = await at('/listing/', 'Accept: text/html');
    assert.match(page.text, /href="\.\/sub\/"/);
    assert.doesNotMatch(page.text, /hidden|link\.txt|fifo/);
    assert.match(page.get('content-security-policy') ?? '', /default-src 'none'/);
    const data = JSON.parse((await at('/listing/sub/', 'Accept: application/json')).text) as {
      name: string;
      isFolder: boolean;
    }[];
    assert.deepEqual(
      data.map(({ name, isFolder }) => [name, isFolder]),
      [
        ['deep', true],
        ['index.html', false],
        ['start.htm', false],
      ],
    );
    assert.equal((await at('/plain/sub/deep/')).status, 404);
  });

  it('T32 dotfiles: not there, denied, allowed', async () => {
    for (const [variant, status] of [
      ['plain', 404],
      ['deny', 403],
      ['allow', 200],
    ] as const)
      assert.equal((await at(`/${variant}/.hidden/a.txt`)).status, status);
  });

  it('attachment, downloadName: the name quoted and encoded', async () => {
    assert.equal((await at('/attachment/a.txt')).get('content-disposition'), 'attachment; filename="a.txt"');
    assert.equal((await at('/plain/a.txt')).get('content-disposition'), undefined);
    assert.equal(
      (await at(`/download/a.txt?n=${encodeURIComponent('r"é\r\nX: €.txt')}`)).get('content-disposition'),
      'attachment; filename="r\\"?X: ?.txt"; filename*=UTF-8\'\'r%22%C3%A9X%3A%20%E2%82%AC.txt',
    );
  });

  it('contentType, statusCode, headers, maxAge', async () => {
    assert.equal((await at('/contentType/a.txt')).get('content-type'), 'text/x-own; charset=utf-8');
    const status = await at('/statusCode/a.txt', 'Range: bytes=0-0');
    assert.deepEqual([status.status, status.text], [404, 'file a']);
    const headers = await at('/headers/a.txt');
    assert.deepEqual(
      [headers.get('x-a'), headers.all('x-b'), headers.get('cache-control')],
      ['1', ['1', '2'], 'no-store'],
    );
    assert.equal((await at('/maxAge/a.txt')).get('cache-control'), 'public, max-age=3600');
    assert.equal((await at('/maxAgeZero/a.txt')).get('cache-control'), 'public, max-age=0');
    assert.equal((await at('/plain/a.txt')).get('cache-control'), undefined);
  });

  it('headOnly: the head and the end', async () => {
    const client = await RawClient.open(flow.port);
    const answer = await client.send(get('/headOnly/a.txt')).response({ head: true });
    assert.deepEqual([answer.status, answer.get('content-length'), answer.get('connection')], [200, '6', 'close']);
    assert.equal(await client.closed(), '');
  });

  it('T31 T33 safe: false lifts the checks for dot-dot, backslash and links, not that for hidden files', async () => {
    for (const [name, status] of [
      ['../secret.txt', 403],
      ['..\\secret.txt', 403],
      ['link.txt', 404],
    ] as const)
      assert.equal((await at(`/msg?f=${encodeURIComponent(name)}`)).status, status);
    assert.equal(await text('/unsafe/../secret.txt'), 'secret');
    assert.equal(await text('/unsafe/link.txt'), 'secret');
    assert.equal((await at('/unsafe/.hidden/a.txt')).status, 404);
    assert.equal((await at('/unsafe/fifo')).status, 404);
  });

  it('bufferSize: even one byte at a time', async () => {
    assert.equal(await text('/bufferSize/nums.txt'), '123456789');
  });

  it('precompressed: the neighbour the client likes best', async () => {
    const br = await at('/plain/style.css', 'Accept-Encoding: gzip, br');
    assert.equal(zlib.brotliDecompressSync(br.body).toString(), 'from br');
    assert.deepEqual(
      [br.get('content-encoding'), br.get('vary'), br.get('content-type')],
      ['br', 'Accept-Encoding', 'text/css; charset=utf-8'],
    );
    const gz = await at('/plain/style.css', 'Accept-Encoding: gzip');
    assert.equal(zlib.gunzipSync(gz.body).toString(), 'from gz');
    const plain = await at('/plain/style.css');
    assert.equal(plain.text, 'plain');
    assert.equal(new Set([br, gz, plain].map((one) => one.get('etag'))).size, 3);
    const off = await at('/notPrecompressed/style.css', 'Accept-Encoding: gzip, br');
    assert.deepEqual([off.text, off.get('content-encoding'), off.get('vary')], ['plain', undefined, undefined]);
  });

  it('notFound: "output" hands on what is not found, and only that', async () => {
    assert.deepEqual(JSON.parse(await text('/notFound/none')), { missing: 'none' });
    assert.equal((await at('/notFound/%2e%2e/a')).status, 403);
    assert.equal(await text('/notFound/a.txt'), 'file a');
    assert.equal((await at('/notFound/a.txt', 'If-Match: "x"')).status, 412);
    assert.equal((await at('/notFound/a.txt', 'Range: bytes=99-')).status, 416);
  });

  it('T34 serves regular files only, and never waits for another', async () => {
    assert.equal((await at('/plain/fifo')).status, 404);
    assert.equal((await at('/plain/sub/deep')).status, 301);
  });

  it('SV18 the words of its errors, in text and in JSON', async () => {
    assert.equal(await text('/plain/none'), 'File not found');
    assert.equal(await text('/plain/..'), 'Invalid path');
    const error = JSON.parse((await at('/plain/none', 'Accept: application/json')).text) as unknown;
    assert.deepEqual(error, { status: 404, error: 'File not found', code: 'FILE_NOT_FOUND' });
    const denied = JSON.parse((await at('/plain/..', 'Accept: application/json')).text) as unknown;
    assert.deepEqual(denied, { status: 403, error: 'Invalid path', code: 'PARENT_DIRECTORY_REFERENCE' });
  });

  it('a missing file is the mistake of the client: no error for the flow', async () => {
    await flow.caught();
    await at('/plain/none');
    await at('/plain/..');
    assert.deepEqual(await flow.caught(), []);
  });

  it('answers other methods too, in full: the flow has decided', async () => {
    const answer = await ask(flow.port, post('/filename/x', 'body', 'Range: bytes=0-0'));
    assert.deepEqual([answer.status, answer.text], [200, 'file a']);
    const head = await ask(flow.port, requestText('HEAD', '/plain/a.txt'), { head: true });
    assert.deepEqual([head.status, head.get('content-length')], [200, '6']);
  });
});
