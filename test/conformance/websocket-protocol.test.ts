/** Sections 1 to 7 and 10 of Autobahn's list, through a flow: websocket-in → websocket-out. */
import { after, before, describe, it } from 'node:test';
import type { RawClient } from '../src/websocket/raw-client.js';
import { closing, frame } from '../src/websocket/raw-client.js';
import { EchoFlow } from '../support/echo-flow.js';
import { invalidUtf8, validUtf8 } from '../support/utf8-samples.js';
import { type Case, type Received, fragments, opcode, run } from '../support/websocket-case.js';

const { continuation, text, binary, close, ping, pong } = opcode;
const more = { fin: false };

let echo: EchoFlow;
before(async () => {
  echo = await EchoFlow.start({ echo: { heartbeat: 0 } });
});
after(() => echo.stop());

const open = (): Promise<RawClient> => echo.open('echo');
const check = (name: string, one: Case): void => {
  it(name, () => run(open, one));
};
const pongs = (...payloads: (string | Buffer)[]): Received[] =>
  payloads.map((payload) => ['pong', Buffer.from(payload as string)]);

describe('1 Framing', () => {
  for (const size of [0, 125, 126, 127, 128, 65535, 65536]) {
    const payload = Buffer.alloc(size, '*');
    check(`1.1 echoes a text of ${size} bytes`, {
      send: [frame(text, payload)],
      expect: [['text', payload.toString()]],
    });
    const bytes = Buffer.alloc(size, 0xfe);
    check(`1.2 echoes ${size} bytes`, { send: [frame(binary, bytes)], expect: [['binary', bytes]] });
  }
  const large = Buffer.alloc(65536, '*');
  check('1.1.8 echoes a text that comes in pieces of 997 bytes', {
    send: [frame(text, large)],
    chop: 997,
    expect: [['text', large.toString()]],
  });
  check('1.2.8 echoes bytes that come in pieces of 997', {
    send: [frame(binary, large)],
    chop: 997,
    expect: [['binary', large]],
  });
});

describe('2 Pings and pongs', () => {
  const longest = Buffer.alloc(125, 0xfe);
  check('2.1 an empty ping', { send: [frame(ping)], expect: pongs('') });
  check('2.2 a ping with text', { send: [frame(ping, 'Hello, world!')], expect: pongs('Hello, world!') });
  const odd = Buffer.from([0, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0, 0xff]);
  check('2.3 a ping with bytes that are no text', { send: [frame(ping, odd)], expect: pongs(odd) });
  check('2.4 a ping of 125 bytes', { send: [frame(ping, longest)], expect: pongs(longest) });
  check('T66 2.5 a ping of 126 bytes ends in 1002', { send: [frame(ping, Buffer.alloc(126, 0xfe))], closes: 1002 });
  check('2.6 a ping of 125 bytes, byte by byte', { send: [frame(ping, longest)], chop: 1, expect: pongs(longest) });
  check('2.7 a pong nobody asked for is ignored', { send: [frame(pong), frame(ping, 'x')], expect: pongs('x') });
  check('2.8 a pong with text is ignored', { send: [frame(pong, 'unasked'), frame(ping, 'x')], expect: pongs('x') });
  check('2.9 a pong, then a ping', { send: [frame(pong, 'unasked'), frame(ping, 'asked')], expect: pongs('asked') });
  const ten = Array.from({ length: 10 }, (_, index) => `payload-${index}`);
  const pings = ten.map((payload) => frame(ping, payload));
  check('2.10 ten pings', { send: [Buffer.concat(pings)], expect: pongs(...ten) });
  check('2.11 ten pings, byte by byte', { send: pings, chop: 1, expect: pongs(...ten) });
});

describe('3 Reserved bits', () => {
  const said: Received[] = [['text', 'Hello, world!']];
  const hello = frame(text, 'Hello, world!');
  check('T66 3.1 RSV 1 in a text ends in 1002', { send: [frame(text, 'x', { rsv: 1 })], closes: 1002 });
  for (const rsv of [2, 3, 4]) {
    const bad = frame(text, 'Hello, world!', { rsv });
    check(`T66 3.${rsv} RSV ${rsv} behind a text, which is still echoed, and no pong`, {
      send: [Buffer.concat([hello, bad, frame(ping)])],
      closes: 1002,
      expect: said,
    });
  }
  check('T66 3.4 the same byte by byte', {
    send: [hello, frame(text, 'Hello, world!', { rsv: 4 })],
    chop: 1,
    closes: 1002,
    expect: said,
  });
  check('T66 3.5 RSV 5 in a binary message', { send: [frame(binary, 'x', { rsv: 5 })], closes: 1002 });
  check('T66 3.6 RSV 6 in a ping', { send: [frame(ping, 'x', { rsv: 6 })], closes: 1002 });
  check('T66 3.7 RSV 7 in a close', { send: [frame(close, closing(1000), { rsv: 7 })], closes: 1002 });
});

describe('4 Opcodes', () => {
  const said: Received[] = [['text', 'Hello, world!']];
  for (const code of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
    check(`T66 4 the reserved opcode ${code} ends in 1002`, { send: [frame(code), frame(ping)], closes: 1002 });
    check(`T66 4 the reserved opcode ${code} behind a text, which is still echoed`, {
      send: [Buffer.concat([frame(text, 'Hello, world!'), frame(code, 'x'), frame(ping)])],
      closes: 1002,
      expect: said,
    });
  }
});

describe('5 Fragments', () => {
  const whole: Received = ['text', 'fragment1fragment2'];
  const first = frame(text, 'fragment1', more);
  const last = frame(continuation, 'fragment2');
  check('T66 5.1 a ping in fragments', { send: [frame(ping, '1', more), last], closes: 1002 });
  check('T66 5.2 a pong in fragments', { send: [frame(pong, '1', more), last], closes: 1002 });
  check('5.3 a text in two', { send: [first, last], expect: [whole] });
  check('5.4 a text in two, sent at once', { send: [Buffer.concat([first, last])], expect: [whole] });
  check('5.5 a text in two, byte by byte', { send: [first, last], chop: 1, expect: [whole] });
  const between = [first, frame(ping, 'ping'), last];
  check('5.6 a ping in between', { send: between, expect: [...pongs('ping'), whole] });
  check('5.7 the same at once', { send: [Buffer.concat(between)], expect: [...pongs('ping'), whole] });
  check('5.8 the same byte by byte', { send: between, chop: 1, expect: [...pongs('ping'), whole] });
  for (const [section, fin] of [
    ['5.9', true],
    ['5.12', false],
  ] as const) {
    const nothing = [frame(continuation, 'non-continuation', { fin }), frame(text, 'Hello, world!')];
    check(`T66 ${section} a continuation of nothing`, { send: nothing, closes: 1002 });
    check(`T66 ${section} the same at once`, { send: [Buffer.concat(nothing)], closes: 1002 });
    check(`T66 ${section} the same byte by byte`, { send: nothing, chop: 1, closes: 1002 });
  }
  check('T66 5.15 a continuation behind a whole message, which is still echoed', {
    send: [Buffer.concat([first, last, frame(continuation, 'fragment3', more), frame(text, 'fragment4')])],
    closes: 1002,
    expect: [whole],
  });
  const again = [frame(continuation, '1', more), frame(text, '2', more), frame(continuation, '3')];
  check('T66 5.16 continuations of nothing, twice', { send: [...again, ...again], closes: 1002 });
  check('T66 5.18 a text inside an unfinished one', { send: [first, frame(text, 'fragment2')], closes: 1002 });
  const five = ['fragment1', 'fragment2', 'fragment3', 'fragment4', 'fragment5'];
  const [one, two, three, four, five5] = five.map((part, index) =>
    frame(index === 0 ? text : continuation, part, { fin: index === 4 }),
  ) as [Buffer, Buffer, Buffer, Buffer, Buffer];
  const both = [...pongs('pongme 1!', 'pongme 2!'), ['text', five.join('')] as const];
  const slowly = [one, two, frame(ping, 'pongme 1!'), 300, three, four, frame(ping, 'pongme 2!'), five5];
  check('5.19 five fragments with pings and a wait in between', { send: slowly, expect: both });
  check('5.20 the same byte by byte', { send: slowly, chop: 1, expect: both });
});

describe('6 UTF-8', () => {
  check('6.1.1 a text of no bytes', { send: [frame(text)], expect: [['text', '']] });
  check('6.1.2 a text of three empty fragments', {
    send: [frame(text, '', more), frame(continuation, '', more), frame(continuation)],
    expect: [['text', '']],
  });
  check('6.1.3 a text between empty fragments', {
    send: [frame(text, '', more), frame(continuation, 'middle', more), frame(continuation)],
    expect: [['text', 'middle']],
  });
  const mixed = Buffer.from('Hello-µ@ßöäüàá-UTF-8!!');
  check('6.2.1 one frame', { send: [frame(text, mixed)], expect: [['text', mixed.toString()]] });
  check('6.2.2 cut between characters', { send: [fragments(text, mixed, 12)], expect: [['text', mixed.toString()]] });
  check('6.2.3 one byte a fragment', { send: [fragments(text, mixed, 1)], expect: [['text', mixed.toString()]] });
  const greek = Buffer.from('κόσμε');
  check('6.2.4 cut inside of every character', { send: [fragments(text, greek, 1)], expect: [['text', 'κόσμε']] });
  const bad = Buffer.concat([greek, Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('edited')]);
  check('T66 6.3.1 a surrogate', { send: [frame(text, bad)], closes: 1007 });
  check('T66 6.3.2 a surrogate, one byte a fragment', { send: [fragments(text, bad, 1)], closes: 1007 });
  const beyond = Buffer.from([0xf4, 0x90, 0x80, 0x80]);
  check('T66 6.4.1 a fragment that is none, at the latest when the message is complete', {
    send: [frame(text, greek, more), 50, frame(continuation, beyond, more), 50, frame(continuation, 'edited')],
    closes: 1007,
  });
  check('T66 6.4.2 a fragment that cannot become any', {
    send: [
      frame(text, Buffer.concat([greek, beyond.subarray(0, 1)]), more),
      50,
      frame(continuation, beyond.subarray(1, 2), more),
      50,
      frame(continuation, Buffer.concat([beyond.subarray(2), Buffer.from('edited')])),
    ],
    closes: 1007,
  });
  const message = frame(text, Buffer.concat([greek, beyond, Buffer.from('edited')]));
  check('T66 6.4.3 one frame in three pieces', {
    send: [message.subarray(0, 17), 50, message.subarray(17, 21), 50, message.subarray(21)],
    closes: 1007,
  });
  for (const [what, bytes] of validUtf8) {
    check(`6.5 echoes ${what}`, { send: [frame(text, bytes)], expect: [['text', bytes.toString()]] });
  }
  for (const [what, bytes] of invalidUtf8) {
    check(`T66 6.6 refuses ${what} with 1007`, { send: [frame(text, bytes)], closes: 1007 });
  }
});

describe('7 Closing', () => {
  const bye = frame(close, closing(1000));
  check('7.1.1 a text, then a close when it has been echoed', {
    send: [frame(text, 'Hello World!')],
    expect: [['text', 'Hello World!']],
  });
  check('7.1.1 a text and a close at once: the flow still gets its answer out', {
    send: [Buffer.concat([frame(text, 'Hello World!'), bye])],
    closes: 1000,
    expect: [['text', 'Hello World!']],
  });
  check('7.1.2 two closes', { send: [bye, bye], closes: 1000 });
  check('7.1.3 a ping behind the close gets no pong', { send: [bye, frame(ping)], closes: 1000 });
  check('7.1.4 a text behind the close is ignored', { send: [bye, frame(text, 'Hello World!')], closes: 1000 });
  check('7.1.5 a close between two fragments', {
    send: [frame(text, 'fragment1', more), bye, frame(continuation, 'fragment2')],
    closes: 1000,
  });
  const large = Buffer.alloc(256 * 1024, 'BAsd7&jh23');
  check('7.1.6 256 KiB, a text, a close and a ping at once', {
    send: [Buffer.concat([frame(text, large), frame(text, 'Hello World!'), bye, frame(ping)])],
    closes: 1000,
    expect: [
      ['text', large.toString()],
      ['text', 'Hello World!'],
    ],
  });
  check('7.3.1 a close without code is answered by one', { send: [frame(close)], closes: 1005 });
  check('T66 7.3.2 a close of one byte', { send: [frame(close, 'a')], closes: 1002 });
  check('7.3.3 a close with a code', { send: [bye], closes: 1000 });
  check('7.3.4 a close with a reason', { send: [frame(close, closing(1000, 'Hello World!'))], closes: 1000 });
  check('7.3.5 a reason of 123 bytes', { send: [frame(close, closing(1000, '*'.repeat(123)))], closes: 1000 });
  check('T66 7.3.6 a reason of 124 bytes', { send: [frame(close, closing(1000, '*'.repeat(124)))], closes: 1002 });
  const surrogate = Buffer.concat([Buffer.from('κόσμε'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('edited')]);
  check('T66 7.5.1 a reason that is no text', { send: [frame(close, closing(1000, surrogate))], closes: 1007 });
  for (const code of [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]) {
    check(`7.7 the code ${code} is answered by the same`, { send: [frame(close, closing(code))], closes: code });
  }
  for (const code of [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999]) {
    check(`T66 7.9 the code ${code} is answered by 1002`, { send: [frame(close, closing(code))], closes: 1002 });
  }
  for (const code of [5000, 65535]) {
    check(`T66 7.13 the code ${code} is answered by 1002`, { send: [frame(close, closing(code))], closes: 1002 });
  }
});

describe('10 Automatic fragments', () => {
  const payload = Buffer.alloc(65536, '*');
  check('10.1.1 64 KiB in fragments of 1300 bytes', {
    send: [fragments(text, payload, 1300)],
    expect: [['text', payload.toString()]],
  });
});

it('T66 a frame that is not masked ends in 1002', () =>
  run(open, { send: [frame(text, 'bare', { mask: false })], closes: 1002 }));
