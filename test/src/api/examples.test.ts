import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import WebSocket from 'ws';
import { type ExampleProgram, runExample } from '../../support/example-program.js';
import { MdnsClient, types } from '../../support/mdns-client.js';
import { selfSigned } from '../../support/self-signed.js';
import { eventually } from '../../support/test-server.js';

const tested = new Set<string>();

/** Runs an example for the time of one test. */
function example(
  name: string,
  promise: string,
  use: (program: ExampleProgram) => Promise<void>,
  options: Parameters<typeof runExample>[1] = {},
): void {
  tested.add(name);
  it(`${name} ${promise}`, async () => {
    const program = await runExample(name, options);
    try {
      await use(program);
    } catch (error) {
      throw new Error(`${String(error)}\n${program.output()}`, { cause: error });
    } finally {
      await program.stop();
    }
  });
}

const textOf = async (url: string, init?: RequestInit): Promise<string> => (await fetch(url, init)).text();
const basic = `Basic ${Buffer.from('user:password').toString('base64')}`;

describe('the example program', () => {
  example('simpletest', 'says hello and logs each request', async ({ url, output }) => {
    const response = await fetch(url);
    assert.equal(await response.text(), 'Hello from the HTTP server!');
    assert.equal(response.headers.get('content-type'), 'text/plain; charset=utf-8');
    await eventually('a log line', () => /^127\.0\.0\.1 -- "GET \/" \d+ -- "200 OK" \d+ -- \d+ms$/m.test(output()));
  });

  example(
    'start-and-poll',
    'tells what became of requests, and ends when it is stopped',
    async ({ url, output, process }) => {
      await textOf(url);
      await eventually('the result', () => output().includes('request_handled_response_sent'));
      assert.equal(await textOf(`${url}/stop`), 'Bye');
      await eventually('the end', () => process.exitCode === 0, 15_000);
    },
  );

  example('static-files-serving', 'serves a folder with types of its own', async ({ url }) => {
    assert.match(await textOf(url), /Files of a folder/);
    assert.match(await textOf(`${url}/home`), /Home/);
    const typeOf = async (path: string): Promise<string | null> =>
      (await fetch(url + path)).headers.get('content-type');
    assert.equal(await typeOf('/style.css'), 'text/css; charset=utf-8');
    assert.equal(await typeOf('/start.level'), 'application/x-level');
    assert.equal(await typeOf('/notes.data'), 'text/plain; charset=utf-8');
    assert.equal((await fetch(`${url}/none`)).status, 404);
    const whole = (await textOf(url)).length;
    assert.equal((await fetch(url, { method: 'HEAD' })).headers.get('content-length'), String(whole));
  });

  example('handler-serves-directory', 'serves a folder below an address', async ({ url }) => {
    assert.match(await textOf(`${url}/files/style.css`), /sans-serif/);
    const download = await fetch(`${url}/download/home.html`);
    assert.equal(download.headers.get('content-disposition'), 'attachment; filename="home.html"');
    assert.equal((await fetch(`${url}/files/..%2fsimpletest.js`)).status, 403);
  });

  example('cpu-information', 'answers with facts as JSON', async ({ url }) => {
    const facts = (await (await fetch(`${url}/cpu-information`)).json()) as Record<string, unknown>;
    assert.deepEqual(Object.keys(facts).sort(), ['frequency', 'model', 'temperature']);
  });

  example('methods', 'does something else for each method', async ({ url }) => {
    const call = async (method: string, body?: object): Promise<unknown> =>
      (await fetch(`${url}/api`, { method, ...(body && { body: JSON.stringify(body) }) })).json();
    assert.deepEqual(await call('POST', { id: 2, name: 'two' }), {
      message: 'Object added',
      object: { id: 2, name: 'two' },
    });
    assert.deepEqual(await call('PUT', { id: 2, name: 'zwei' }), {
      message: 'Object updated',
      object: { id: 2, name: 'zwei' },
    });
    assert.deepEqual(await call('DELETE', { id: 1 }), {
      message: 'Object deleted',
      object: { id: 1, name: 'Object 1' },
    });
    assert.deepEqual(await call('GET'), { objects: [{ id: 2, name: 'zwei' }] });
    const refused = await fetch(`${url}/api`, { method: 'PATCH' });
    assert.equal(refused.status, 405);
    assert.equal(refused.headers.get('allow'), 'DELETE, GET, HEAD, OPTIONS, POST, PUT');
    assert.equal((await fetch(`${url}/api`, { method: 'HEAD' })).status, 200);
  });

  example('url-parameters', 'reads parameters and wildcards', async ({ url }) => {
    assert.equal(await textOf(`${url}/device/device-1`), 'device-1 is off');
    assert.equal(await textOf(`${url}/device/device-1/action/turn-on/`), 'device-1 is on');
    assert.equal((await fetch(`${url}/device/nothing`)).status, 404);
    assert.equal(await textOf(`${url}/device/a/status/b/c`), 'a: b/c');
  });

  example('form-data', 'takes forms of three kinds and a file', async ({ url }) => {
    assert.match(await textOf(`${url}/form?enctype=text/plain`), /enctype="text\/plain"/);
    const form = new FormData();
    form.set('something', '<b>');
    form.set('file', new Blob(['four']), 'a.txt');
    const multipart = await textOf(`${url}/form`, { method: 'POST', body: form });
    assert.match(multipart, /multipart\/form-data: &lt;b&gt;/);
    assert.match(multipart, /4 bytes/);
    const urlencoded = await textOf(`${url}/form`, { method: 'POST', body: new URLSearchParams({ something: 'a b' }) });
    assert.match(urlencoded, /urlencoded: a b/);
    const plain = await textOf(`${url}/form`, {
      method: 'POST',
      body: 'something=plain',
      headers: { 'Content-Type': 'text/plain' },
    });
    assert.match(plain, /text\/plain: plain/);
  });

  example('cookies', 'counts with a cookie', async ({ url }) => {
    const first = await fetch(url);
    assert.deepEqual(
      first.headers.getSetCookie().map((line) => line.replace(/Expires=[^;]+/, 'Expires=…')),
      ['visits=1; Path=/', 'last=%2F; Path=/; Max-Age=3600; Expires=…; HttpOnly; SameSite=Lax'],
    );
    assert.equal(await textOf(url, { headers: { Cookie: 'visits=4' } }), 'Visit number 5');
    assert.match(
      (await fetch(`${url}/forget`)).headers.get('set-cookie') ?? '',
      /^visits=; Path=\/; Expires=Thu, 01 Jan 1970/,
    );
  });

  example('chunked', 'sends a body in parts', async ({ url }) => {
    const response = await fetch(`${url}/chunked`);
    assert.equal(response.headers.get('transfer-encoding'), 'chunked');
    assert.equal(await response.text(), 'Adafruit Industries');
  });

  example('redirects', 'redirects in all five ways', async ({ url }) => {
    const statusOf = async (path: string, method: string): Promise<number> =>
      (await fetch(url + path, { method, redirect: 'manual' })).status;
    assert.equal(await statusOf('/found', 'GET'), 302);
    assert.equal(await statusOf('/moved', 'GET'), 301);
    assert.equal(await statusOf('/temporary', 'POST'), 307);
    assert.equal(await statusOf('/permanent', 'POST'), 308);
    assert.equal(await statusOf('/other', 'POST'), 303);
    assert.equal(await textOf(`${url}/temporary`, { method: 'POST' }), 'POST /new');
    assert.equal(await textOf(`${url}/other`, { method: 'POST' }), 'GET /new');
  });

  example('authentication-server', 'lets nobody in without credentials', async ({ url }) => {
    const refused = await fetch(`${url}/no-such-page`);
    assert.equal(refused.status, 401);
    assert.equal(
      refused.headers.get('www-authenticate'),
      'Token realm="Workshop", Bearer realm="Workshop", Basic realm="Workshop", charset="UTF-8"',
    );
    assert.equal(await textOf(url, { headers: { Authorization: basic } }), 'Authenticated as user');
    const bearer = 'Bearer 642ec696-2a79-4d60-be3a-7c9a3164d766';
    assert.equal(await textOf(url, { headers: { Authorization: bearer } }), 'Authenticated as robot');
  });

  example('authentication-handlers', 'lets each page decide', async ({ url }) => {
    const init = { headers: { Authorization: basic } };
    assert.equal(await textOf(`${url}/check`), 'Not authenticated');
    assert.equal(await textOf(`${url}/check`, init), 'Authenticated');
    assert.equal((await fetch(`${url}/require`)).status, 401);
    assert.equal(await textOf(`${url}/require`, init), 'Authenticated as user');
    assert.equal(await textOf(`${url}/require-else`), 'Not authenticated - handled by the page');
  });

  example('sse', 'sends events to every page', async ({ url }) => {
    assert.match(await textOf(url), /new EventSource\('\/load'\)/);
    const controller = new AbortController();
    const readers = await Promise.all([1, 2].map(() => fetch(`${url}/load`, { signal: controller.signal })));
    for (const response of readers) {
      assert.equal(response.headers.get('content-type'), 'text/event-stream');
      let text = '';
      for await (const chunk of response.body!) {
        text += Buffer.from(chunk as Uint8Array).toString();
        if (/^data: \d+\.\d\d$/m.test(text)) break;
      }
    }
    controller.abort();
  });

  example('websocket', 'talks in both directions', async ({ url }) => {
    assert.match(await textOf(`${url}/client`), /new WebSocket/);
    const socket = new WebSocket(`${url.replace('http', 'ws')}/connect`);
    const received: string[] = [];
    socket.on('message', (data: Buffer) => received.push(data.toString()));
    socket.on('open', () => {
      socket.send('#ff0000');
      socket.send('#00ff00');
    });
    await eventually('two answers', () => received.length === 2);
    assert.deepEqual(received, ['1: #ff0000', '2: #00ff00']);
    socket.terminate();
    assert.equal((await fetch(`${url}/connect`)).status, 426);
  });

  example('templates', 'browses a directory and nothing above it', async ({ url }) => {
    assert.match(await textOf(url), /<a href="\/\?path=%2Fstyle\.css">style\.css<\/a>/);
    assert.match(await textOf(`${url}/?path=/style.css`), /sans-serif/);
    assert.doesNotMatch(await textOf(`${url}/?path=/../..`), /simpletest/);
  });

  example('video-stream', 'shows a camera to several browsers', async ({ url }) => {
    const controller = new AbortController();
    const views = await Promise.all([1, 2].map(() => fetch(`${url}/stream`, { signal: controller.signal })));
    for (const view of views) {
      assert.equal(view.headers.get('content-type'), 'multipart/x-mixed-replace; boundary=picture');
      let text = '';
      for await (const chunk of view.body!) {
        text += Buffer.from(chunk as Uint8Array).toString();
        if (text.split('--picture\r\nContent-Type: image/svg+xml').length > 3) break;
      }
    }
    controller.abort();
  });

  example(
    'multiple-servers',
    'runs two servers with a handler in common',
    async ({ ports }) => {
      const texts = await Promise.all(ports.map((port) => textOf(`http://127.0.0.1:${port}/home`)));
      assert.deepEqual(texts.sort(), ['Hello from bedroom', 'Hello from office']);
      const statuses = await Promise.all(
        ports.map(async (port) => (await fetch(`http://127.0.0.1:${port}/bed`)).status),
      );
      assert.deepEqual(statuses.sort(), [200, 404]);
    },
    { servers: 2 },
  );

  example('output', 'changes a colour by parameters and by query', async ({ url, output }) => {
    assert.equal(await textOf(`${url}/lamp/rgb/10/20/30`), 'Changed the lamp to 10, 20, 30');
    assert.equal(await textOf(`${url}/lamp?r=1&b=3`), 'Changed the lamp to 1, 0, 3');
    assert.equal((await fetch(`${url}/lamp/rgb/1/2/red`)).status, 400);
    assert.match(output(), /^lamp 10 20 30$/m);
  });

  example('custom-response', 'answers by a response class of its own', async ({ url }) => {
    const response = await fetch(`${url}/table.csv`);
    assert.equal(response.headers.get('content-type'), 'text/csv; charset=utf-8; header=present');
    assert.equal(await response.text(), 'id,name\r\n1,one\r\n');
  });

  it('mdns is found by the name it has on the network', async () => {
    tested.add('mdns');
    // A port of its own: nobody else in the network hears of it.
    const client = await MdnsClient.open();
    const program = await runExample('mdns', { env: { DNS_PORT: String(client.port) } });
    try {
      const { data } = await client.resolve('Example server._http._tcp.local', types.SRV);
      assert.equal(data, `${program.ports[0]} custom-mdns-hostname.local`);
    } finally {
      await program.stop();
      await client.close();
    }
  });

  const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const { cert, key } = selfSigned();
  const files = { CERTFILE: join(folder, 'cert.pem'), KEYFILE: join(folder, 'key.pem') };
  writeFileSync(files.CERTFILE, cert);
  writeFileSync(files.KEYFILE, key);
  example(
    'https',
    'speaks HTTPS with its certificate',
    async ({ ports }) => {
      const text = await new Promise<string>((done, fail) => {
        https
          .get({ port: ports[0], host: '127.0.0.1', servername: 'localhost', ca: cert, agent: false }, (response) => {
            let body = '';
            response.on('data', (chunk: Buffer) => (body += chunk.toString()));
            response.on('end', () => done(body));
          })
          .on('error', fail);
      });
      assert.equal(text, 'Hello from the HTTPS server!');
    },
    { env: files },
  );

  it('is run by a test, each of them', () => {
    const programs = readdirSync(resolve(__dirname, '../../../../examples/engine'))
      .filter((name) => name.endsWith('.js'))
      .map((name) => name.replace('.js', ''));
    assert.deepEqual(programs.sort(), [...tested].sort());
  });
});
