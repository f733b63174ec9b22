/** Sections 9, 12 and 13 of Autobahn's list, through a flow: large messages, many fragments, compression. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { type ClientOptions, WebSocket } from 'ws';
import { frame } from '../src/websocket/raw-client.js';
import type { RawClient } from '../src/websocket/raw-client.js';
import { EchoFlow } from '../support/echo-flow.js';
import { type Case, fragments, opcode, run } from '../support/websocket-case.js';

const { text, binary } = opcode;
const kb = 1024;
const mb = 1024 * kb;

let echo: EchoFlow;
before(async () => {
  echo = await EchoFlow.start({
    plain: {},
    large: { maxMessageSize: '16mb' },
    deflate: { maxMessageSize: '16mb', compression: true },
  });
});
after(() => echo.stop());

const open = (path: string) => (): Promise<RawClient> => echo.open(path);
const check = (name: string, one: Case): void => {
  it(name, () => run(open('large'), one));
};
/** The case with a text message and with a binary one. */
const both = (name: string, size: number, send: (kind: number, payload: Buffer) => Buffer, chop?: number): void => {
  const payload = Buffer.alloc(size, 'The quick brown fox. ');
  const chopped = chop === undefined ? {} : { chop };
  check(`${name}, text`, { send: [send(text, payload)], expect: [['text', payload.toString()]], ...chopped });
  check(`${name}, binary`, { send: [send(binary, payload)], expect: [['binary', payload]], ...chopped });
};

describe('9 Large messages', () => {
  for (const size of [64 * kb, 256 * kb, mb, 4 * mb, 8 * mb, 16 * mb])
    both(`9.1, 9.2 ${size / kb} KiB in one frame`, size, frame);
  for (const size of [64, 256, kb, 4 * kb, 16 * kb, 64 * kb, 256 * kb, mb, 4 * mb])
    both(`9.3, 9.4 4 MiB in fragments of ${size} bytes`, 4 * mb, (kind, payload) => fragments(kind, payload, size));
  for (const size of [64, 256, 2048])
    both(`9.5, 9.6 1 MiB in one frame that comes in pieces of ${size} bytes`, mb, frame, size);

  for (const [kind, name] of [
    [text, 'text'],
    [binary, 'binary'],
  ] as const) {
    for (const size of [0, 125, 16 * kb]) {
      it(`9.7, 9.8 200 ${name} messages of ${size} bytes, each sent when the last has come back`, async () => {
        const client = await echo.open('large');
        const payload = Buffer.alloc(size, '*');
        const one = frame(kind, payload);
        for (let left = 200; left > 0; left -= 1) {
          client.send(one);
          const back = await client.next();
          assert.ok(back.opcode === kind && back.payload.equals(payload));
        }
        client.socket.destroy();
      });
    }
  }

  it('T67 a message of 1 MiB comes back with the default limit, one byte more ends in 1009', async () => {
    const payload = Buffer.alloc(mb, '*');
    await run(open('plain'), { send: [frame(binary, payload)], expect: [['binary', payload]] });
    await run(open('plain'), { send: [frame(binary, Buffer.alloc(mb + 1)).subarray(0, 100)], closes: 1009 });
    await run(open('plain'), { send: [fragments(text, Buffer.alloc(mb + 1, '*'), 64 * kb)], closes: 1009 });
    await run(open('large'), { send: [frame(binary, Buffer.alloc(16 * mb + 1)).subarray(0, 100)], closes: 1009 });
  });

  it('T68 more fragments than 1 MiB of bookkeeping pays for end in 1008', () =>
    run(open('large'), { send: [fragments(binary, Buffer.alloc(131_073 * 2), 2)], closes: 1008 }));
});

/** Data as a browser or a device sends it: it shrinks, but not to nothing. */
function sample(size: number): string {
  let content = '';
  for (let index = 0; content.length < size; index += 1)
    content += `{"id":${index},"value":${Math.sin(index)},"unit":"${index % 3 === 0 ? '°C' : 'hPa'}"},`;
  return content.slice(0, size);
}

describe('12, 13 Compression', () => {
  const offers: Record<string, ClientOptions['perMessageDeflate']> = {
    'the default offer': true,
    'no context takeover': { clientNoContextTakeover: true, serverNoContextTakeover: true },
    'a window of 512 bytes on both sides': { clientMaxWindowBits: 9, serverMaxWindowBits: 9 },
    'a window of 256 bytes asked of the server': { serverMaxWindowBits: 8 },
    'the largest window': { clientMaxWindowBits: 15, serverMaxWindowBits: 15 },
    'both together': {
      clientNoContextTakeover: true,
      serverNoContextTakeover: true,
      clientMaxWindowBits: 9,
      serverMaxWindowBits: 9,
    },
  };
  for (const [what, perMessageDeflate] of Object.entries(offers)) {
    it(`messages of 16 bytes to 128 KiB come back as they were, with ${what}`, async () => {
      const client = new WebSocket(echo.url('deflate'), {
        perMessageDeflate: typeof perMessageDeflate === 'object' ? { threshold: 0, ...perMessageDeflate } : true,
      });
      await once(client, 'open');
      assert.match(client.extensions, /permessage-deflate/);
      for (const size of [16, 64, 256, kb, 4 * kb, 8 * kb, 16 * kb, 32 * kb, 64 * kb, 128 * kb]) {
        const content = sample(size);
        for (let count = 0; count < 10; count += 1) {
          const isBinary = count % 2 === 1;
          client.send(isBinary ? Buffer.from(content) : content, { compress: true });
          const [back, wasBinary] = (await once(client, 'message')) as [Buffer, boolean];
          assert.equal(wasBinary, isBinary);
          assert.ok(back.toString() === content);
        }
      }
      client.close(1000);
      const [code] = (await once(client, 'close')) as [number];
      assert.equal(code, 1000);
    });
  }

  it('compressed messages in fragments of 256 bytes come back whole', async () => {
    const client = new WebSocket(echo.url('deflate'));
    await once(client, 'open');
    const content = sample(64 * kb);
    for (let start = 0; start < content.length; start += 256)
      client.send(content.slice(start, start + 256), { fin: start + 256 >= content.length, compress: true });
    const [back] = (await once(client, 'message')) as [Buffer];
    assert.ok(back.toString() === content);
    client.close();
    await once(client, 'close');
  });

  it('a client that does not offer it gets plain messages', async () => {
    const client = new WebSocket(echo.url('deflate'), { perMessageDeflate: false });
    await once(client, 'open');
    assert.equal(client.extensions, '');
    client.send(sample(8 * kb));
    await once(client, 'message');
    client.terminate();
  });

  it('T69 a bomb ends in 1009: what counts is the inflated size', async () => {
    const client = new WebSocket(echo.url('deflate'), { perMessageDeflate: { threshold: 0 } });
    await once(client, 'open');
    client.send(Buffer.alloc(17 * mb));
    const [code] = (await once(client, 'close')) as [number];
    assert.equal(code, 1009);
  });

  it('T69 the largest inflated message still comes back', async () => {
    const client = new WebSocket(echo.url('deflate'), { perMessageDeflate: { threshold: 0 }, maxPayload: 32 * mb });
    await once(client, 'open');
    client.send(Buffer.alloc(16 * mb));
    const [back] = (await once(client, 'message')) as [Buffer];
    assert.equal(back.length, 16 * mb);
    client.terminate();
  });
});
