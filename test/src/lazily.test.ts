import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type TestContext, describe, it } from 'node:test';
import { HttpError } from '../../src/errors.js';
import { lazily } from '../../src/lazily.js';
import { projectRoot } from '../support/node-red.js';
import { RawClient } from '../support/raw-client.js';

describe('lazily', () => {
  it('loads once, when it is asked', () => {
    let loads = 0;
    const part = lazily(() => ({ number: (loads += 1) }));
    assert.equal(loads, 0);
    assert.equal(part(), part());
    assert.equal(loads, 1);
  });

  it('tries again after a load that failed', () => {
    let loads = 0;
    const part = lazily(() => {
      loads += 1;
      if (loads === 1) throw new HttpError('OVERLOADED');
      return { loads };
    });
    assert.throws(part, { code: 'OVERLOADED' });
    assert.equal(part().loads, 2);
  });
});

/** A server in a process that may have few descriptors; a line to it takes all that are left, another gives them back. */
const server = `
const { openSync, closeSync } = require('node:fs');
const { Server, defaultBodyOptions, prepareHead, sendWhole } = require(${JSON.stringify(join(projectRoot, 'dist', 'src', 'index.js'))});
const server = new Server({ address: { host: '127.0.0.1', port: 0 } });
server.addEntry({
  methods: [], path: '', order: 0, body: defaultBodyOptions,
  handle: ({ request, response }) => sendWhole(response, prepareHead(200, undefined, {}), JSON.stringify(request.body)),
});
let taken = [];
process.stdin.on('data', () => {
  if (taken.length === 0) { try { for (;;) taken.push(openSync('/dev/null')); } catch {} }
  else { taken.forEach((one) => closeSync(one)); taken = []; }
  console.log('done');
});
server.start().then(() => console.log(server.state.port));
`;

const boundary = 'b';
const form = `--${boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--${boundary}--\r\n`;
const post = (type: string, body: string): string =>
  `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

describe('A process without a free descriptor', { skip: process.platform !== 'linux' }, () => {
  /** Starts it. @returns its port, and takes or gives back all descriptors */
  async function start(t: TestContext): Promise<{ port: number; turn: () => Promise<void> }> {
    const child = spawn('sh', ['-c', 'ulimit -n 128; exec "$0" -e "$1"', process.execPath, server]);
    t.after(() => child.kill('SIGKILL'));
    child.stderr.resume();
    const line = async (): Promise<string> => String((await once(child.stdout, 'data'))[0]).trim();
    const port = Number(await line());
    const turn = async (): Promise<void> => {
      const answered = line();
      child.stdin.write('\n');
      await answered;
    };
    return { port, turn };
  }

  it('answers 503 to what needs a part that was never loaded, and serves it when there are descriptors again', async (t) => {
    const { port, turn } = await start(t);
    const requests = [post('application/json', '{"a":1}'), post(`multipart/form-data; boundary=${boundary}`, form)];
    for (const [index, request] of requests.entries()) {
      const early = await RawClient.open(port);
      // It is known to the server before the descriptors go.
      assert.equal((await early.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n').response()).status, 200);
      await turn();
      const refused = await early.send(request).response();
      assert.equal(refused.status, 503, `${index}`);
      assert.equal(refused.get('Retry-After'), '5');
      await turn();
      early.destroy();
      const later = await RawClient.open(port);
      const served = await later.send(request).response();
      assert.equal(served.status, 200);
      assert.match(String(served.body), /"a":/);
      later.destroy();
    }
  });

  it('answers an upgrade and closes its connection, as always', async (t) => {
    const { port, turn } = await start(t);
    const upgrade =
      'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
    const client = await RawClient.open(port);
    assert.equal((await client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n').response()).status, 200);
    await turn();
    assert.equal((await client.send(upgrade).response()).status, 200);
    await client.closed();
  });
});
