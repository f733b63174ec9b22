import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { type AddressInfo, type Socket, connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { isHttpError } from '../../../src/errors.js';
import { prepareHead } from '../../../src/exchange/answer.js';
import { SharedAnswer } from '../../../src/exchange/shared-answer.js';
import { waitFor } from '../../support/wait-for.js';

let shared: SharedAnswer;
let server: http.Server;
let port: number;
let type = 'multipart/x-mixed-replace';
const responses: http.ServerResponse[] = [];

before(async () => {
  server = http.createServer((_request, response) => {
    responses.push(response);
    try {
      shared.join(response, prepareHead(200, undefined, { 'Content-Type': type }));
    } catch (error) {
      response.statusCode = isHttpError(error) ? error.status : 599;
      response.end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

/** A client and everything that came. */
class Viewer {
  body = '';
  ended = false;
  readonly response: http.IncomingMessage;

  constructor(response: http.IncomingMessage) {
    this.response = response;
    response
      .setEncoding('latin1')
      .on('data', (text: string) => (this.body += text))
      .on('close', () => (this.ended = true))
      .on('error', () => undefined);
  }

  static open(method = 'GET'): Promise<Viewer> {
    return new Promise((done) => {
      http.request({ port, host: '127.0.0.1', method, agent: false }, (response) => done(new Viewer(response))).end();
    });
  }

  /** The parts so far, as a browser takes them apart. */
  get parts(): { type: string; content: string }[] {
    const pieces = this.body.split('--frame\r\n');
    assert.equal(pieces[0], '', 'begins with a boundary');
    return pieces.slice(1, -1).map((piece) => {
      const [head = '', content = ''] = piece.split('\r\n\r\n');
      const fields = new Map(head.split('\r\n').map((line) => line.split(': ') as [string, string]));
      assert.equal(content.length, Number(fields.get('Content-Length')) + 2);
      return { type: fields.get('Content-Type') ?? '', content: content.slice(0, -2) };
    });
  }
}

async function viewers(count: number): Promise<Viewer[]> {
  const opened: Viewer[] = [];
  for (let index = 0; index < count; index += 1) opened.push(await Viewer.open());
  return opened;
}

describe('A shared answer of pictures', () => {
  it('shows every viewer the same parts, and a newcomer the latest at once', async () => {
    shared = new SharedAnswer();
    const [one] = (await viewers(1)) as [Viewer];
    assert.equal(one.response.headers['content-type'], 'multipart/x-mixed-replace; boundary=frame');
    assert.equal(one.response.headers['cache-control'], 'no-store');
    assert.equal(one.response.headers['x-accel-buffering'], 'no');
    shared.send(Buffer.from('first'));
    shared.send(Buffer.from('second'), 'image/png');
    const [two] = (await viewers(1)) as [Viewer];
    await waitFor('the latest', () => two.body.includes('second'));
    shared.send('third');
    for (const viewer of [one, two]) await waitFor('the third', () => viewer.body.includes('third'));
    assert.deepEqual(one.parts, [
      { type: 'image/jpeg', content: 'first' },
      { type: 'image/png', content: 'second' },
      { type: 'text/plain; charset=utf-8', content: 'third' },
    ]);
    assert.deepEqual(two.parts, one.parts.slice(1));
    assert.equal(shared.count, 2);
    shared.end();
    for (const viewer of [one, two]) await waitFor('the end', () => viewer.ended);
    assert.ok(one.body.endsWith('--frame--\r\n'));
    assert.ok(one.response.complete);
    assert.equal(shared.count, 0);
  });

  it('T72 a slow viewer skips parts and never holds more than the one it reads; the others get all', async () => {
    shared = new SharedAnswer();
    const slow: Socket = connect(port, '127.0.0.1');
    slow.on('error', () => undefined).pause();
    slow.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await waitFor('the slow one', () => shared.count === 1);
    const slowResponse = responses.at(-1)!;
    const [fast] = (await viewers(1)) as [Viewer];
    const frames = 150;
    const size = 200_000;
    let most = 0;
    for (let index = 0; index < frames; index += 1) {
      shared.send(Buffer.alloc(size, String(index).padStart(4, '0')));
      await waitFor('the fast one', () => fast.body.length > (index + 1) * size);
      most = Math.max(most, slowResponse.writableLength);
    }
    assert.equal(fast.parts.length, frames);
    assert.ok(most < 1.5 * size, `${most} bytes waited for the slow viewer`);
    assert.ok(shared.skipped > frames / 3, `${shared.skipped} parts were skipped`);
    let seen = '';
    slow.setEncoding('latin1').on('data', (text: string) => (seen += text));
    slow.resume();
    await waitFor('the latest', () => seen.includes('0149'));
    assert.ok(seen.length < (frames / 2) * size);
    slow.destroy();
    await waitFor('its end', () => shared.count === 1);
    shared.end();
  });

  it('takes a boundary of the flow, and refuses one that could not be written', async () => {
    shared = new SharedAnswer();
    type = 'multipart/x-mixed-replace; boundary="mine"';
    const viewer = await Viewer.open();
    assert.equal(viewer.response.headers['content-type'], 'multipart/x-mixed-replace; boundary=mine');
    await waitFor('the boundary', () => viewer.body === '--mine\r\n');
    viewer.response.destroy();
    type = 'multipart/x-mixed-replace; boundary="a b"';
    assert.equal((await Viewer.open()).response.statusCode, 500);
    type = 'multipart/x-mixed-replace';
    await waitFor('the end', () => shared.count === 0);
  });

  it('a HEAD gets the headers and does not wait', async () => {
    shared = new SharedAnswer();
    const viewer = await Viewer.open('HEAD');
    assert.equal(viewer.response.headers['content-type'], 'multipart/x-mixed-replace; boundary=frame');
    assert.equal(shared.count, 0);
  });

  it('tells when viewers come and go', async () => {
    const counts: number[] = [];
    shared = new SharedAnswer(() => counts.push(shared.count));
    const [one, two] = (await viewers(2)) as [Viewer, Viewer];
    one.response.destroy();
    await waitFor('the one that left', () => counts.length === 3);
    two.response.destroy();
    await waitFor('the other', () => counts.length === 4);
    assert.deepEqual(counts, [1, 2, 1, 0]);
  });
});

describe('A shared answer of another type', () => {
  it('writes every chunk as it is, from the moment a client joins', async () => {
    shared = new SharedAnswer();
    type = 'text/plain';
    const [one] = (await viewers(1)) as [Viewer];
    shared.send('a line\n');
    shared.send('');
    await waitFor('the line', () => one.body !== '');
    const [two] = (await viewers(1)) as [Viewer];
    shared.send({ json: true });
    shared.end();
    for (const viewer of [one, two]) await waitFor('the end', () => viewer.ended);
    assert.deepEqual([one.body, two.body], ['a line\n{"json":true}', '{"json":true}']);
  });

  it('T72 cuts a client that is too far behind: nothing may be left out', async () => {
    shared = new SharedAnswer();
    const slow = connect(port, '127.0.0.1');
    slow.on('error', () => undefined).pause();
    slow.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await waitFor('the slow one', () => shared.count === 1);
    const errors: unknown[] = [];
    for (let index = 0; index < 200 && shared.count > 0; index += 1) {
      try {
        shared.send(Buffer.alloc(500_000));
      } catch (error) {
        errors.push(isHttpError(error) && error.code);
      }
      await new Promise((done) => setImmediate(done));
    }
    assert.deepEqual(errors, ['CLIENT_TOO_SLOW']);
    assert.equal(shared.count, 0);
    type = 'multipart/x-mixed-replace';
  });
});
