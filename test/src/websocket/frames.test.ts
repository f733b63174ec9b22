import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { SocketChannel } from '../../../src/websocket/channel.js';
import { closing, echo, frame, RawClient, serve } from './raw-client.js';
import type { TestInfo, TestServer } from './raw-client.js';

// Section by section what Autobahn's list tests, through an echo.
const text = 1;
const binary = 2;
const continuation = 0;
const close = 8;
const ping = 9;
const pong = 10;

let server: TestServer;
const channel = new SocketChannel<TestInfo>('frames', { closeTimeout: 500 });

before(async () => {
  echo(channel);
  server = await serve(channel);
});
after(() => server.stop());

async function open(): Promise<RawClient> {
  return RawClient.open(server.port);
}

/** Sends bytes and expects the server to close with this code, cleanly and at once. */
async function refuses(bytes: readonly Uint8Array[], code: number): Promise<void> {
  const client = await open();
  const start = Date.now();
  client.send(...bytes);
  const closed = await client.closed();
  assert.equal(closed.code, code);
  assert.ok(Date.now() - start < 3000, 'the connection is closed without waiting for the timeout');
}

describe('Framing (Autobahn 1)', () => {
  for (const size of [0, 1, 125, 126, 127, 128, 65535, 65536]) {
    it(`echoes text and binary messages of ${size} bytes in one frame of the shortest form`, async () => {
      const client = await open();
      const payload = Buffer.alloc(size, '*');
      client.send(frame(text, payload), frame(binary, payload));
      const first = await client.next();
      const second = await client.next();
      assert.deepEqual([first.opcode, first.fin, first.payload.equals(payload)], [text, true, true]);
      assert.deepEqual([second.opcode, second.fin, second.payload.equals(payload)], [binary, true, true]);
      client.socket.destroy();
    });
  }

  it('reads a message that arrives byte by byte', async () => {
    const client = await open();
    client.socket.setNoDelay();
    for (const byte of frame(text, 'slowly')) {
      client.send(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(await client.text(), 'slowly');
    client.socket.destroy();
  });

  it('accepts a length in a longer form than needed, and a mask of zeros', async () => {
    const client = await open();
    client.send(Uint8Array.of(0x81, 0x80 | 126, 0, 2, 0, 0, 0, 0), Buffer.from('hi'));
    assert.equal(await client.text(), 'hi');
    client.socket.destroy();
  });
});

describe('Pings and pongs (Autobahn 2)', () => {
  it('answers each ping with a pong of the same payload, in order', async () => {
    const client = await open();
    client.send(frame(ping), frame(ping, 'two'), frame(ping, Buffer.alloc(125, 0xfe)));
    for (const expected of [Buffer.alloc(0), Buffer.from('two'), Buffer.alloc(125, 0xfe)]) {
      const answer = await client.next();
      assert.equal(answer.opcode, pong);
      assert.deepEqual(Buffer.from(answer.payload), expected);
    }
    client.socket.destroy();
  });

  it('ignores a pong nobody asked for', async () => {
    const client = await open();
    client.send(frame(pong, 'unasked'), frame(ping, 'asked'));
    assert.equal(await client.text(), 'asked');
    client.socket.destroy();
  });

  it('T66 closes with 1002 for a control frame of more than 125 bytes', () =>
    refuses([frame(ping, Buffer.alloc(126))], 1002));
});

describe('Reserved bits (Autobahn 3)', () => {
  for (const rsv of [1, 2, 3, 4, 5, 6, 7]) {
    it(`T66 closes with 1002 for reserved bits ${rsv.toString(2)} when nothing was negotiated`, async () => {
      await refuses([frame(text, 'x', { rsv })], 1002);
      await refuses([frame(ping, 'x', { rsv })], 1002);
      await refuses([frame(close, closing(1000), { rsv })], 1002);
    });
  }

  it('delivers the message before the wrong frame', async () => {
    const client = await open();
    client.send(frame(text, 'fine'), frame(text, 'wrong', { rsv: 4 }), frame(ping));
    const { code, before } = await client.closed();
    assert.deepEqual([code, before.map((one) => one.payload.toString())], [1002, ['fine']]);
  });
});

describe('Opcodes (Autobahn 4)', () => {
  for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
    it(`T66 closes with 1002 for the reserved opcode ${opcode}`, () =>
      refuses([frame(opcode, 'x'), frame(ping)], 1002));
  }

  it('T66 closes with 1002 for a frame that is not masked', () =>
    refuses([frame(text, 'bare', { mask: false })], 1002));
});

describe('Fragmentation (Autobahn 5)', () => {
  it('puts fragments together, empty ones included, with pings in between', async () => {
    const client = await open();
    client.send(frame(text, 'one ', { fin: false }), frame(ping, 'between'), frame(continuation, '', { fin: false }));
    assert.equal(await client.text(), 'between');
    client.send(frame(continuation, 'two'));
    assert.equal(await client.text(), 'one two');
    client.socket.destroy();
  });

  it('echoes a message whose fragments are all empty as an empty message', async () => {
    const client = await open();
    client.send(frame(text, '', { fin: false }), frame(continuation, '', { fin: false }), frame(continuation));
    const echoed = await client.next();
    assert.deepEqual([echoed.opcode, echoed.payload.length], [text, 0]);
    client.socket.destroy();
  });

  it('T66 closes with 1002 for a control frame in fragments', () => refuses([frame(ping, 'x', { fin: false })], 1002));
  it('T66 closes with 1002 for a continuation of nothing', () => refuses([frame(continuation, 'x')], 1002));
  it('T66 closes with 1002 for a continuation after a finished message', () =>
    refuses([frame(text, 'x'), frame(continuation, 'y')], 1002));
  it('T66 closes with 1002 for a new message inside an unfinished one', () =>
    refuses([frame(text, 'x', { fin: false }), frame(text, 'y')], 1002));
});

describe('UTF-8 (Autobahn 6 and 7.5)', () => {
  const whole = 'κόσμε 𝄞 \u0000 \uffff';

  it('echoes every kind of character, also when a fragment ends inside of one', async () => {
    const client = await open();
    const bytes = Buffer.from(whole);
    for (const [index, byte] of bytes.entries()) {
      client.send(frame(index === 0 ? text : continuation, Uint8Array.of(byte), { fin: index === bytes.length - 1 }));
    }
    assert.equal(await client.text(), whole);
    client.socket.destroy();
  });

  const invalid: Record<string, number[]> = {
    'a byte that cannot occur': [0xfe],
    'a lone continuation byte': [0x80],
    'an unfinished character': [0xe2, 0x82],
    'an overlong form': [0xc0, 0xaf],
    'a surrogate': [0xed, 0xa0, 0x80],
    'a character above U+10FFFF': [0xf4, 0x90, 0x80, 0x80],
    'a form of five bytes': [0xf8, 0x88, 0x80, 0x80, 0x80],
  };
  for (const [what, bytes] of Object.entries(invalid)) {
    it(`T66 closes with 1007 for ${what} in a text message`, () =>
      refuses([frame(text, Buffer.concat([Buffer.from('κόσμε'), Buffer.from(bytes)]))], 1007));
  }

  it('T66 closes with 1007 for invalid UTF-8 in the reason of a close frame', () =>
    refuses([frame(close, closing(1000, Uint8Array.of(0xce, 0xba, 0xed, 0xa0, 0x80)))], 1007));

  it('leaves binary messages as they are', async () => {
    const client = await open();
    client.send(frame(binary, Uint8Array.of(0xff, 0xfe, 0x80)));
    assert.deepEqual([...(await client.next()).payload], [0xff, 0xfe, 0x80]);
    client.socket.destroy();
  });
});

describe('Close handling (Autobahn 7)', () => {
  it('answers an empty close frame with an empty one and ends the connection', () => refuses([frame(close)], 1005));

  for (const code of [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]) {
    it(`answers close code ${code} with the same code and ends the connection`, () =>
      refuses([frame(close, closing(code))], code));
  }

  for (const code of [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65535]) {
    it(`T66 closes with 1002 for the close code ${code}, which nobody may send`, () =>
      refuses([frame(close, closing(code))], 1002));
  }

  it('T66 closes with 1002 for a close frame of one byte', () => refuses([frame(close, 'x')], 1002));
  it('T66 closes with 1002 for a close frame of more than 125 bytes', () =>
    refuses([frame(close, closing(1000, Buffer.alloc(124, '*')))], 1002));

  it('echoes code and a reason of 123 bytes', async () => {
    const client = await open();
    client.send(frame(close, closing(1000, '*'.repeat(123))));
    assert.deepEqual(await client.closed(), { code: 1000, reason: '*'.repeat(123), before: [] });
  });

  it('ignores what comes behind a close frame, and answers what came before', async () => {
    const client = await open();
    client.send(frame(text, 'before'), frame(close, closing(1000)), frame(text, 'behind'), frame(ping));
    const { code, before } = await client.closed();
    assert.deepEqual([code, before.map((one) => one.payload.toString())], [1000, ['before']]);
  });

  it('T66 cuts a peer that does not answer our close frame after closeTimeout', async () => {
    const client = await open();
    await client.until(() => channel.clients.length > 0);
    const start = Date.now();
    channel.close({ client: server.connections.at(-1)!.id }, 4001, 'enough');
    await client.until(() => client.frames.length > 0);
    assert.deepEqual(Buffer.from(client.frames[0]!.payload), closing(4001, 'enough'));
    await client.until(() => client.ended);
    assert.ok(Date.now() - start >= 450, 'the peer is given its time');
    assert.ok(Date.now() - start < 5000, 'but no more than that');
  });
});
