import assert from 'node:assert/strict';
import fs from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import type { Entry, Exchange, ExchangeRecord } from '../../../src/index.js';
import { sendFile, serverFiles } from '../../../src/index.js';
import { RawClient, ask, get, post, requestText } from '../../support/raw-client.js';
import { type TestEntry, type TestSettings, entryOf, eventually, startServer } from '../../support/test-server.js';
import { boundary, emptyFolder, multipart, multipartType, temporaryFolders } from '../body/body-server.js';

type Started = Awaited<ReturnType<typeof startServer>>;

/** A server that ends with the test file. */
async function serve(entries: TestEntry[], settings: TestSettings = {}): Promise<Started> {
  const server = await startServer(entries, settings);
  after(() => server.stop());
  return server;
}

const echo = ({ request, response }: Exchange): void => {
  response.json({ body: request.body, files: request.files ?? null });
};

const upload = (data: string | Buffer, name = 'f'): Buffer =>
  multipart([{ name, filename: 'a.txt', type: 'text/plain', data }]);
const uploadHead = (length: number): string =>
  requestText('POST', '/', [`Content-Type: ${multipartType}`, `Content-Length: ${length}`]);

describe('the body of a request without one', () => {
  it('is {} for the methods that carry a body, an empty Buffer when it is raw, and undefined for others', async () => {
    const seen: unknown[] = [];
    const keep = ({ request, response }: Exchange): void => {
      seen.push(request.body);
      response.end();
    };
    const { port } = await serve([
      { path: '/parsed', handle: keep },
      { path: '/raw', body: { mode: 'raw' }, handle: keep },
    ]);
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'GET']) await ask(port, requestText(method, '/parsed'));
    await ask(port, post('/parsed', ''));
    await ask(port, requestText('POST', '/raw'));
    assert.deepEqual(seen, [{}, {}, {}, {}, undefined, {}, Buffer.alloc(0)]);
  });
});

describe('T18 limits name the setting they come from', () => {
  const limits = { bodyLimit: 1000, uploadLimit: 3000 };
  const cases: [
    what: string,
    body: TestEntry['body'],
    limits: TestSettings['limits'],
    size: number,
    message: string,
  ][] = [
    ['bodyLimit', {}, limits, 1001, 'limit of 1000 bytes (bodyLimit)'],
    ['an uploadLimit below it', {}, { ...limits, uploadLimit: 500 }, 501, 'limit of 500 bytes (uploadLimit)'],
    ["the entry's own", { bodyLimit: 2000 }, limits, 2001, 'limit of 2000 bytes (bodyLimit)'],
    ['bodyBudget', {}, { ...limits, bodyBudget: 900 }, 950, 'limit of 900 bytes (bodyBudget)'],
  ];
  for (const [what, body = {}, given = {}, size, message] of cases)
    it(`${what}, declared and chunked`, async () => {
      const { port } = await serve([{ body, handle: echo }], { limits: given, debug: true });
      const declared = await ask(port, post('/', 'x'.repeat(size)));
      assert.equal(declared.status, 413);
      assert.match(declared.text, new RegExp(message.replace(/[()]/g, '\\$&')));
      assert.equal(declared.get('connection'), 'close');
      const chunked = await ask(
        port,
        `${requestText('POST', '/', ['Transfer-Encoding: chunked'])}${size.toString(16)}\r\n${'x'.repeat(size)}\r\n0\r\n\r\n`,
      );
      assert.equal(chunked.status, 413);
      assert.match(chunked.text, new RegExp(message.replace(/[()]/g, '\\$&')));
    });

  it('uploadLimit for multipart to disk, bodyLimit for all else', async () => {
    const { port } = await serve([{ body: { upload: 'disk' }, handle: echo }], { limits, debug: true });
    assert.equal((await ask(port, post('/', upload('x'.repeat(2000)), `Content-Type: ${multipartType}`))).status, 200);
    const large = await ask(port, post('/', upload('x'.repeat(3000)), `Content-Type: ${multipartType}`));
    assert.match(large.text, /limit of 3000 bytes \(uploadLimit\)/);
    assert.equal((await ask(port, post('/', 'x'.repeat(1001)))).status, 413);
  });

  it('by code in JSON, where debug is off', async () => {
    const { port } = await serve([{ body: { maxFiles: 0 }, handle: echo }]);
    const answer = await ask(
      port,
      post('/', upload('x'), `Content-Type: ${multipartType}`, 'Accept: application/json'),
    );
    assert.deepEqual(JSON.parse(answer.text), { status: 413, error: 'Payload Too Large', code: 'LIMIT_FILES' });
  });

  it('a client that sends on gets its 413, as far as a megabyte', async () => {
    const { port } = await serve([{ handle: echo }], { limits: { bodyLimit: 1000 } });
    for (const head of [
      requestText('POST', '/', ['Transfer-Encoding: chunked']) + '800\r\n' + 'x'.repeat(2048) + '\r\n',
      `${uploadHead(600_000)}--${boundary}\r\n\r\n`,
    ]) {
      const client = await RawClient.open(port);
      client.send(head);
      // The rest goes out before the answer is looked at.
      const rest = Buffer.alloc(16 * 1024, '1\r\nx\r\n');
      for (let count = 0; count < 30; count += 1) {
        client.send(rest);
        await new Promise((resolve) => setImmediate(resolve));
      }
      const { status } = await client.response();
      assert.ok(status === 413 || status === 400, String(status));
      client.destroy();
    }
  });
});

describe('files of a request', () => {
  it('lie in a temporary folder until the answer is sent', async () => {
    let path = '';
    const { port } = await serve([
      {
        body: { upload: 'disk' },
        handle({ request, response }) {
          path = (request.files as { path: string }[])[0]?.path ?? '';
          response.send(fs.readFileSync(path, 'utf8'));
        },
      },
    ]);
    assert.equal((await ask(port, post('/', upload('hello'), `Content-Type: ${multipartType}`))).text, 'hello');
    assert.ok(path !== '');
    await eventually('the file is gone', () => !fs.existsSync(path) && temporaryFolders().length === 0);
  });

  it('are gone when the client leaves while the flow works', async () => {
    const records: ExchangeRecord[] = [];
    let handled = 0;
    const { port, server } = await serve([{ body: { upload: 'disk' }, handle: () => void (handled += 1) }]);
    server.on('record', (record: ExchangeRecord) => records.push(record));
    const client = await RawClient.open(port);
    client.send(post('/', upload('hello'), `Content-Type: ${multipartType}`));
    await eventually('the flow has it', () => handled === 1);
    assert.equal(temporaryFolders().length, 1);
    client.destroy();
    await eventually('the file is gone', () => temporaryFolders().length === 0);
    assert.deepEqual(
      records.map(({ result }) => result),
      ['aborted'],
    );
  });

  it('are gone when the flow does not answer', async () => {
    const { port } = await serve([{ body: { upload: 'disk' }, handle: () => undefined }], {
      limits: { responseTimeout: 0.3 },
    });
    assert.equal((await ask(port, post('/', upload('hello'), `Content-Type: ${multipartType}`))).status, 504);
    await eventually('the file is gone', () => temporaryFolders().length === 0);
  });

  it('T12 are gone when the body stalls', async () => {
    const { port } = await serve([{ body: { upload: 'disk' }, handle: echo }], {
      limits: { bodyProgressTimeout: 0.3 },
    });
    const client = await RawClient.open(port);
    client.send(uploadHead(100_000) + upload('half').toString('latin1', 0, 150));
    await eventually('the upload has begun', () => temporaryFolders().length === 1);
    assert.equal((await client.response()).status, 408);
    await eventually('the file is gone', () => temporaryFolders().length === 0);
    client.destroy();
  });

  it('T28 are gone when the client leaves in the middle, the flow hears nothing, the record says so once', async () => {
    const records: ExchangeRecord[] = [];
    let handled = 0;
    const { port, server } = await serve([{ body: { upload: 'disk' }, handle: () => void (handled += 1) }]);
    server.on('record', (record: ExchangeRecord) => records.push(record));
    const open = (): number => readdirSyncSafe('/proc/self/fd').length;
    const before = open();
    const clients = await Promise.all(Array.from({ length: 20 }, () => RawClient.open(port)));
    for (const client of clients)
      client.send(uploadHead(1e6) + upload('x'.repeat(50_000)).toString('latin1', 0, 40_000));
    await eventually('all have begun', () => temporaryFolders().length === 20);
    for (const client of clients) client.destroy();
    await eventually('all files are gone', () => temporaryFolders().length === 0, 1000);
    await eventually('all descriptors are back', () => open() <= before + 2);
    assert.equal(handled, 0);
    assert.deepEqual(
      records.map(({ result }) => result),
      Array.from({ length: 20 }, () => 'aborted'),
    );
  });

  it('are gone before the server calls itself stopped', async () => {
    const server = await startServer([{ body: { upload: 'disk' }, handle: () => undefined }]);
    const client = await RawClient.open(server.port);
    client.send(post('/', upload('waiting'), `Content-Type: ${multipartType}`));
    const half = await RawClient.open(server.port);
    half.send(uploadHead(1e6) + upload('x'.repeat(50_000)).toString('latin1', 0, 40_000));
    await eventually('both are there', () => temporaryFolders().length === 2);
    await server.stop();
    assert.deepEqual(temporaryFolders(), []);
  });

  it('of a process that crashed are removed at the next start, in user folders too', async () => {
    const folder = emptyFolder();
    const { spawnSync } = await import('node:child_process');
    const { pid } = spawnSync(process.execPath, ['-e', '0']);
    const host = os
      .hostname()
      .replace(/[^\dA-Za-z]+/g, '_')
      .slice(0, 40);
    const left = join(os.tmpdir(), `node-red-http-server-${host}-${pid}-crash1`);
    const leftInFolder = join(folder, `.node-red-http-server-${host}-${pid}-crash2`);
    for (const path of [left, leftInFolder]) {
      fs.mkdirSync(path);
      await writeFile(join(path, 'half'), 'half');
    }
    await writeFile(join(folder, 'kept.txt'), 'kept');
    await serve([{ body: { upload: 'disk', uploadDir: folder }, handle: echo }]);
    await eventually('they are gone', () => !fs.existsSync(left) && !fs.existsSync(leftInFolder));
    assert.deepEqual(await readdir(folder), ['kept.txt']);
  });

  it('T30 in a user folder are kept, and never served as a page of this site, by whatever path', async () => {
    const folder = emptyFolder();
    const link = `${emptyFolder()}/link`;
    fs.symlinkSync(folder, link);
    const { port } = await serve(
      [
        { methods: ['POST'], body: { upload: 'disk', uploadDir: folder }, handle: echo },
        {
          path: '/linked/....',
          handle({ request, response }) {
            void sendFile(request, response, { ...serverFiles(request, link), filename: request.params['0'] ?? '' });
          },
        },
        {
          path: '/express/....',
          handle: ({ request, response }) => response.sendFile(request.params['0'] ?? '', { root: folder }),
        },
      ],
      { rootPath: folder },
    );
    const page = multipart([
      { name: 'f', filename: 'page.html', type: 'text/html', data: '<script>alert(1)</script>' },
    ]);
    const answer = await ask(port, post('/', page, `Content-Type: ${multipartType}`));
    const { files } = JSON.parse(answer.text) as { files: { path: string }[] };
    const name = (files[0]?.path ?? '').slice(folder.length + 1);
    assert.match(name, /^page-[\da-f]{16}\.html$/);
    for (const path of [`/${name}`, `/linked/${name}`, `/express/${name}`, `/${name}`]) {
      const served = await ask(port, get(path));
      assert.equal(served.status, 200, path);
      assert.match(served.get('content-security-policy') ?? '', /^sandbox; default-src 'none'/, path);
      assert.equal(served.get('x-content-type-options'), 'nosniff');
    }
    const other = emptyFolder();
    await writeFile(join(other, 'own.html'), 'own');
    const elsewhere = await serve([], { rootPath: other });
    assert.equal((await ask(elsewhere.port, get('/own.html'))).get('content-security-policy'), undefined);
  });
});

describe('body: "stream"', () => {
  const streamed = (handle: TestEntry['handle'], bodyLimit?: number): TestEntry => ({
    body: { mode: 'stream', bodyLimit },
    handle,
  });

  it('hands over a request of which nothing was read', async () => {
    const { port } = await serve([
      streamed(({ request, response }) => {
        assert.equal(request.readableFlowing, null);
        assert.equal(request.body, undefined);
        text(request).then((all) => response.send(all), assert.fail);
      }),
    ]);
    assert.equal((await ask(port, post('/', 'x'.repeat(10_000)))).text.length, 10_000);
  });

  it('T17 sends 100 Continue at the first read, not before', async () => {
    let exchange: Exchange | undefined;
    const { port } = await serve([streamed((given) => (exchange = given))]);
    const client = await RawClient.open(port);
    client.send(requestText('POST', '/', ['Content-Length: 5', 'Expect: 100-continue']));
    await eventually('the flow has it', () => exchange !== undefined);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(client.received, '');
    const reading = text(exchange?.request as Readable);
    await client.until((pending) => pending.startsWith('HTTP/1.1 100 Continue'));
    client.send('hello');
    assert.equal(await reading, 'hello');
    exchange?.response.send('ok');
    assert.deepEqual((await client.response()).interim, [100]);
    client.destroy();
  });

  it('T17 an answer without a read needs no 100 Continue', async () => {
    const { port } = await serve([streamed(({ response }) => response.sendStatus(403))]);
    const client = await RawClient.open(port);
    client.send(requestText('POST', '/', ['Content-Length: 5', 'Expect: 100-continue']));
    const answer = await client.response();
    assert.deepEqual([answer.status, answer.interim], [403, []]);
    client.destroy();
  });

  it("knows only the entry's own limit", async () => {
    const { port } = await serve(
      [
        streamed(({ request, response }) => {
          text(request).then((all) => response.send(String(all.length)), assert.fail);
        }),
      ],
      { limits: { bodyLimit: 10, uploadLimit: 10 } },
    );
    assert.equal((await ask(port, post('/', 'x'.repeat(5000)))).text, '5000');
  });

  it('T18 past that limit the stream fails and the client gets 413, declared or chunked', async () => {
    const failures: string[] = [];
    const { port } = await serve([
      streamed((exchange) => {
        text(exchange.stream as Readable).then(
          () => assert.fail('it was taken'),
          (error: unknown) => failures.push((error as { code: string }).code),
        );
      }, 100),
    ]);
    assert.equal((await ask(port, post('/', 'x'.repeat(101)))).status, 413);
    assert.deepEqual(failures, []);
    const chunked = `${requestText('POST', '/', ['Transfer-Encoding: chunked'])}65\r\n${'x'.repeat(101)}\r\n`;
    assert.equal((await ask(port, chunked)).status, 413);
    assert.deepEqual(failures, ['BODY_TOO_LARGE']);
  });

  it('T28 a client that leaves ends the stream with an error and nothing else', async () => {
    let failure: unknown;
    let isReading = false;
    const { port } = await serve([
      streamed(({ request }) => {
        isReading = true;
        text(request).catch((error: unknown) => {
          failure = error;
        });
      }),
    ]);
    const client = await RawClient.open(port);
    client.send(`${requestText('POST', '/', ['Content-Length: 100'])}half`);
    await eventually('the flow reads', () => isReading);
    client.destroy();
    await eventually('the stream fails', () => failure !== undefined);
  });
});

describe('what a server tells of bodies that arrive', () => {
  it('is the number of them and their bytes, for each entry', async () => {
    const entry: Entry = entryOf({ path: '/up', body: { upload: 'disk' }, handle: echo });
    const other: Entry = entryOf({ path: '/other', body: { mode: 'stream' }, handle: () => undefined });
    const { server, port } = await serve([]);
    server.addEntry(entry);
    server.addEntry(other);
    let told = 0;
    server.on('activity', () => (told += 1));
    assert.deepEqual(server.receiving(entry), { requests: 0, bytes: 0 });
    const client = await RawClient.open(port);
    const body = upload('x'.repeat(100_000));
    client.send(requestText('POST', '/up', [`Content-Type: ${multipartType}`, `Content-Length: ${body.length}`]));
    client.send(body.subarray(0, 60_000));
    await eventually('most of it is there', () => server.receiving(entry).bytes >= 60_000);
    assert.equal(server.receiving(entry).requests, 1);
    assert.deepEqual(server.receiving(other), { requests: 0, bytes: 0 });
    const before = told;
    await eventually('it is told again and again', () => told > before + 1);
    client.send(body.subarray(60_000));
    assert.equal((await client.response()).status, 200);
    assert.deepEqual(server.receiving(entry), { requests: 0, bytes: 0 });
    const streaming = await RawClient.open(port);
    streaming.send(`${requestText('POST', '/other', ['Content-Length: 100'])}half`);
    await eventually('a stream counts, too', () => server.receiving(other).requests === 1);
    streaming.destroy();
    client.destroy();
    await eventually('and is gone with its client', () => server.receiving(other).requests === 0);
  });
});

describe('T76 a body that arrives across a redeploy', () => {
  it('reaches the new flow whole', async () => {
    const { server, port } = await serve([]);
    const close = server.addEntry(entryOf({ body: { upload: 'disk' }, handle: () => assert.fail('the old flow') }));
    const body = upload('x'.repeat(10_000));
    const half = async (): Promise<RawClient> => {
      const client = await RawClient.open(port);
      client.send(uploadHead(body.length)).send(body.subarray(0, 5000));
      return client;
    };
    const during = await half();
    const behind = await half();
    await eventually('both have begun', () => temporaryFolders().length === 2);
    server.hold();
    close();
    during.send(body.subarray(5000));
    await new Promise((resolve) => setTimeout(resolve, 100));
    server.addEntry(entryOf({ body: { upload: 'disk' }, handle: echo }));
    server.release('full');
    behind.send(body.subarray(5000));
    for (const client of [during, behind]) {
      const answer = await client.response();
      assert.equal(answer.status, 200);
      assert.equal((JSON.parse(answer.text) as { files: { size: number }[] }).files[0]?.size, 10_000);
      client.destroy();
    }
    await eventually('the files are gone', () => temporaryFolders().length === 0);
  });

  it('T76 a request the old flow left is handled again with its body when its method is safe, else refused', async () => {
    const { server, port } = await serve([]);
    let taken = 0;
    const close = server.addEntry(entryOf({ handle: () => void (taken += 1) }));
    const client = await RawClient.open(port);
    client.send(`${requestText('GET', '/', ['Content-Type: application/json', 'Content-Length: 7'])}{"a":1}`);
    const unsafe = await RawClient.open(port);
    unsafe.send(post('/', '{}'));
    await eventually('the old flow has both', () => taken === 2);
    server.hold();
    close();
    server.addEntry(entryOf({ handle: echo }));
    server.release('flows');
    assert.deepEqual(JSON.parse((await client.response()).text), { body: { a: 1 }, files: null });
    assert.equal((await unsafe.response()).status, 503);
    client.destroy();
    unsafe.destroy();
  });
});

describe('T82 the budget of all bodies', () => {
  it('refuses what is past it with 503 and Retry-After, serves on, and is given back', async () => {
    const waiting: Exchange[] = [];
    const { port } = await serve([{ handle: (exchange) => void waiting.push(exchange) }], {
      limits: { bodyBudget: 100_000, bodyLimit: 60_000 },
    });
    const first = await RawClient.open(port);
    first.send(post('/', 'x'.repeat(60_000)));
    await eventually('the first is held', () => waiting.length === 1);
    const refused = await ask(port, post('/', 'x'.repeat(60_000)));
    assert.equal(refused.status, 503);
    assert.equal(refused.get('retry-after'), '1');
    waiting[0]?.response.end('ok');
    await first.response();
    const second = await RawClient.open(port);
    second.send(post('/', 'x'.repeat(60_000)));
    await eventually('the next one has room', () => waiting.length === 2);
    waiting[1]?.response.end('ok');
    assert.equal((await second.response()).status, 200);
    first.destroy();
    second.destroy();
  });
});

function readdirSyncSafe(path: string): string[] {
  return fs.existsSync(path) ? fs.readdirSync(path) : [];
}
