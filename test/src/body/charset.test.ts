import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeText } from '../../../src/body/charset.js';

const texts: [charset: string | undefined, bytes: Buffer, text: string][] = [
  [undefined, Buffer.from('\u00fc\u20ac'), '\u00fc\u20ac'],
  ['', Buffer.from('\u00fc'), '\u00fc'],
  ['utf-8', Buffer.from('\u{1f600}'), '\u{1f600}'],
  ['UTF8', Buffer.from('\u00fc'), '\u00fc'],
  [' utf-8 ', Buffer.from('x'), 'x'],
  ['utf-8', Buffer.from('\ufeffx'), 'x'],
  ['utf-8', Buffer.from([0xff, 0x41]), '\ufffdA'],
  ['us-ascii', Buffer.from('abc'), 'abc'],
  ['iso-8859-1', Buffer.from([0xfc, 0x80]), '\u00fc\u0080'],
  ['Latin1', Buffer.from([0xfc]), '\u00fc'],
  ['utf-16le', Buffer.from('h\u20ac', 'utf16le'), 'h\u20ac'],
  ['UTF-16LE', Buffer.from('\ufeffx', 'utf16le'), 'x'],
  ['windows-1250', Buffer.from([0x80]), '\u20ac'],
  ['iso-8859-2', Buffer.from([0xb1]), '\u0105'],
  ['shift_jis', Buffer.from([0x82, 0xa0]), '\u3042'],
  ['utf-8', Buffer.alloc(0), ''],
];
for (const [charset, bytes, text] of texts)
  test(`${bytes.toString('hex') || 'nothing'} in charset ${JSON.stringify(charset)} is ${JSON.stringify(text)}`, () => {
    assert.equal(decodeText(bytes, charset), text);
  });

for (const charset of ['klingon', 'utf-7', 'utf-8x', '\0', 'x'.repeat(10_000)])
  test(`T20 the charset ${JSON.stringify(charset.slice(0, 10))} is refused with 415, cut in the message`, () => {
    assert.throws(() => decodeText(Buffer.from('x'), charset), {
      code: 'UNSUPPORTED_CHARSET',
      status: 415,
      message: `The charset ${JSON.stringify(charset.slice(0, 40))} is not supported.`,
    });
  });
