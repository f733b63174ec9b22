import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { fragmentLimit } from '../../../src/websocket/accept.js';
import { checkCloseCode, codeOfViolation, cutReason } from '../../../src/websocket/close-code.js';
import { decodeMessage } from '../../../src/websocket/decode-message.js';
import { encodePayload, OutgoingMessage } from '../../../src/websocket/frame.js';
import { mergeTail } from '../../../src/websocket/merge-received.js';

describe('checkCloseCode', () => {
  it('passes the codes that may stand in a frame', () => {
    for (const code of [1000, 1001, 1003, 1007, 1014, 3000, 4999]) assert.equal(checkCloseCode(code), code);
  });

  it('refuses every other, naming it', () => {
    for (const code of [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 1000.5, Number.NaN, '1000', undefined]) {
      assert.throws(() => checkCloseCode(code), {
        code: 'INVALID_PAYLOAD',
        message: `${String(code)} is not a close code: use 1000 or 3000 to 4999.`,
      });
    }
  });
});

describe('cutReason', () => {
  it('leaves 123 bytes as they are', () => {
    assert.equal(cutReason('x'.repeat(123)), 'x'.repeat(123));
    assert.equal(cutReason(''), '');
  });

  it('never cuts inside of a character (API row WS8)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (reason) => {
        const cut = cutReason(reason);
        assert.ok(Buffer.byteLength(cut) <= 123);
        assert.ok(Buffer.from(reason).toString().startsWith(cut));
        if (Buffer.byteLength(reason) > 123) assert.ok(Buffer.byteLength(cut) > 123 - 4);
      }),
    );
  });
});

describe('codeOfViolation', () => {
  it('names the close code that the library has sent', () => {
    const code = (name: string): number => codeOfViolation(Object.assign(new Error(), { code: name }));
    assert.equal(code('WS_ERR_INVALID_UTF8'), 1007);
    assert.equal(code('Z_DATA_ERROR'), 1007);
    assert.equal(code('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'), 1009);
    assert.equal(code('WS_ERR_TOO_MANY_BUFFERED_PARTS'), 1008);
    assert.equal(code('WS_ERR_INVALID_OPCODE'), 1002);
    assert.equal(codeOfViolation(new Error()), 1002);
  });
});

describe('fragmentLimit', () => {
  it('is 131,072 without a wish: 8 bytes of bookkeeping each, 1 MiB in all', () =>
    assert.equal(fragmentLimit(0), 131072));
  it('is the wish when that is less', () => assert.equal(fragmentLimit(16), 16));
  it('is never more than the bookkeeping allows', () => assert.equal(fragmentLimit(1e9), 131072));
});

describe('mergeTail', () => {
  const pieces = (count: number): Buffer[] => Array.from({ length: count }, (_, index) => Buffer.of(index & 0xff));

  it('makes one of many small pieces, with the same bytes', () => {
    const list = pieces(2000);
    const bytes = Buffer.concat(list);
    mergeTail(list);
    assert.equal(list.length, 1);
    assert.deepEqual(list[0], bytes);
  });

  it('does not copy large blocks again', () => {
    const block = Buffer.alloc(65536);
    const list = [block, block, ...pieces(1000)];
    mergeTail(list);
    assert.equal(list.length, 3);
    assert.equal(list[0], block);
    assert.equal(list[2]!.length, 1000);
  });

  it('leaves a list alone whose end is short', () => {
    const list = [Buffer.alloc(65536), ...pieces(10)];
    mergeTail(list);
    assert.equal(list.length, 11);
    const empty: Buffer[] = [];
    mergeTail(empty);
    assert.deepEqual(empty, []);
  });
});

describe('encodePayload', () => {
  it('leaves strings and bytes as they are, empty ones too', () => {
    const bytes = Buffer.from('x');
    assert.equal(encodePayload(''), '');
    assert.equal(encodePayload('text'), 'text');
    assert.equal(encodePayload(bytes), bytes);
  });

  it('makes JSON of everything else', () => {
    assert.equal(encodePayload(null), 'null');
    assert.equal(encodePayload(0), '0');
    assert.equal(encodePayload(false), 'false');
    assert.equal(encodePayload([1, { a: null }]), '[1,{"a":null}]');
  });

  it('sends nothing for undefined', () => assert.equal(encodePayload(undefined), undefined));

  it('refuses what has no JSON', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    for (const value of [circle, 10n]) {
      assert.throws(() => encodePayload(value), {
        code: 'INVALID_PAYLOAD',
        message: 'The message cannot be sent: it is not valid JSON.',
      });
    }
    assert.throws(() => encodePayload(() => 1), { message: 'The message cannot be sent: it is a function.' });
    assert.throws(() => encodePayload(Symbol('x')), { message: 'The message cannot be sent: it is a symbol.' });
  });
});

describe('OutgoingMessage', () => {
  const sizeBytes = (size: number): number[] => [...new OutgoingMessage(Buffer.alloc(size)).frame(0).subarray(0, 10)];

  it('writes the length in its shortest form', () => {
    assert.deepEqual(sizeBytes(125).slice(0, 3), [0x82, 125, 0]);
    assert.deepEqual(sizeBytes(126).slice(0, 5), [0x82, 126, 0, 126, 0]);
    assert.deepEqual(sizeBytes(65535).slice(0, 5), [0x82, 126, 0xff, 0xff, 0]);
    assert.deepEqual(sizeBytes(65536), [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
  });

  it('makes its frame once, whoever asks', () => {
    const message = new OutgoingMessage('hello');
    assert.equal(message.frame(0), message.frame(0));
    assert.deepEqual(message.frame(0), Buffer.from('\x81\x05hello', 'latin1'));
  });

  it('counts characters outside of ASCII in bytes', () => {
    assert.deepEqual(new OutgoingMessage('é').frame(0), Buffer.from([0x81, 2, 0xc3, 0xa9]));
  });

  it('compresses once for each window size, so that the client can inflate it', () => {
    const text = 'telemetry '.repeat(500);
    const message = new OutgoingMessage(text);
    for (const bits of [9, 12, 15]) {
      const frame = message.frame(bits);
      assert.equal(message.frame(bits), frame);
      assert.equal(frame[0], 0xc1);
      const payload = Buffer.concat([frame.subarray(frame[1] === 126 ? 4 : 2), Buffer.from([0, 0, 0xff, 0xff])]);
      assert.equal(inflateRawSync(payload, { windowBits: bits, finishFlush: 2 }).toString(), text);
    }
    assert.equal(message.frame(0)[0], 0x81);
  });

  it('sends as it is what is too small, too large, does not shrink, or has a window zlib cannot do', () => {
    assert.equal(new OutgoingMessage('x'.repeat(1000)).frame(15)[0], 0x81);
    assert.equal(new OutgoingMessage('x'.repeat(300_000)).frame(15)[0], 0x81);
    assert.equal(new OutgoingMessage('x'.repeat(2000)).frame(8)[0], 0x81);
    const noise = Buffer.alloc(2000);
    for (let index = 0, seed = 1; index < noise.length; index++) {
      seed = (seed * 48271) % 0x7fffffff;
      noise[index] = seed >> 8;
    }
    assert.equal(new OutgoingMessage(noise).frame(15)[0], 0x82);
  });
});

describe('decodeMessage', () => {
  const data = Buffer.from('{"a":1}');
  const parse = JSON.parse as (text: string) => unknown;

  it('"auto" gives text as a string and binary as a Buffer', () => {
    assert.equal(decodeMessage(data, false, 'auto', parse), '{"a":1}');
    assert.equal(decodeMessage(data, true, 'auto', parse), data);
  });

  it('"text" and "buffer" make one kind of both', () => {
    assert.equal(decodeMessage(data, true, 'text', parse), '{"a":1}');
    assert.equal(decodeMessage(data, false, 'buffer', parse), data);
  });

  it('"json" parses both, whatever the value', () => {
    for (const value of [null, 0, 'x', [1, 2], { a: { b: null } }, true]) {
      const sent = Buffer.from(JSON.stringify(value));
      assert.deepEqual(decodeMessage(sent, false, 'json', parse), value);
      assert.deepEqual(decodeMessage(sent, true, 'json', parse), value);
    }
  });

  it('"json" refuses what is none, the empty message included', () => {
    for (const text of ['', '{', 'undefined', "{'a':1}"]) {
      assert.throws(() => decodeMessage(Buffer.from(text), false, 'json', parse), {
        code: 'INVALID_MESSAGE',
        message: 'A message of the client is not valid JSON.',
      });
    }
  });
});
