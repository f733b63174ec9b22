import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { encodeEvent } from '../../../src/sse/encode-event.js';
import type { ServerSentEvent } from '../../../src/sse/encode-event.js';
import { EventFrame } from '../../../src/sse/event-frame.js';

function refusal(event: ServerSentEvent): string {
  try {
    encodeEvent(event);
  } catch (error) {
    assert.equal((error as { code: string }).code, 'INVALID_PAYLOAD');
    return (error as Error).message;
  }
  throw new Error('The event was encoded.');
}

/** Parses one block as the HTML Standard, section 9.2.6, has clients do. */
function parse(text: string): { data: string | undefined; event: string; id: string | undefined; fields: string[][] } {
  const out = {
    data: undefined as string | undefined,
    event: '',
    id: undefined as string | undefined,
    fields: [] as string[][],
  };
  assert.ok(text.endsWith('\n\n'));
  const lines = text.slice(0, -2).split(/\r\n|\r|\n/);
  for (const line of lines) {
    assert.notEqual(line, '', 'an empty line would end the event');
    const colon = line.indexOf(':');
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') out.data = out.data === undefined ? value : `${out.data}\n${value}`;
    else if (name === 'event') out.event = value;
    else if (name === 'id') out.id = value;
    else if (name !== '') out.fields.push([name, value]);
  }
  return out;
}

describe('encodeEvent', () => {
  it('writes data, event, id, retry and further fields in the order of API row SS2', () => {
    const event = { data: 'hello', event: 'greeting', id: '7', retry: 3000, fields: { room: 'blue' }, comment: 'note' };
    assert.equal(encodeEvent(event), ': note\ndata: hello\nevent: greeting\nid: 7\nretry: 3000\nroom: blue\n\n');
  });

  it('writes 0 as id and as retry', () => {
    assert.equal(encodeEvent({ data: 'x', id: 0, retry: 0 }), 'data: x\nid: 0\nretry: 0\n\n');
  });

  it('writes empty data as an event with empty data', () => assert.equal(encodeEvent({ data: '' }), 'data: \n\n'));

  it('omits what is missing, null or empty', () => {
    const empty = { event: '', id: '', comment: '' };
    assert.equal(encodeEvent({ data: 'x', ...empty }), 'data: x\n\n');
    const nothing = { data: 'x', event: null, id: null, retry: null, comment: null } as unknown as ServerSentEvent;
    assert.equal(encodeEvent(nothing), 'data: x\n\n');
    assert.equal(encodeEvent({ data: 'x', fields: { gone: undefined } }), 'data: x\n\n');
  });

  it('writes a comment alone without data', () =>
    assert.equal(encodeEvent({ comment: 'still here' }), ': still here\n\n'));
  it('writes nothing when there is nothing', () => assert.equal(encodeEvent({}), ''));

  it('T74 writes each line of the data as a field of its own, whatever ends the lines', () => {
    assert.equal(encodeEvent({ data: 'a\nb\rc\r\nd' }), 'data: a\ndata: b\ndata: c\ndata: d\n\n');
    assert.equal(encodeEvent({ data: 'a\n' }), 'data: a\ndata: \n\n');
    assert.equal(encodeEvent({ data: '\n\nevent: x' }), 'data: \ndata: \ndata: event: x\n\n');
  });

  it('T74 does the same for comments and further fields', () => {
    assert.equal(encodeEvent({ comment: 'a\ndata: b' }), ': a\n: data: b\n\n');
    assert.equal(encodeEvent({ fields: { note: 'a\r\rdata: b' } }), 'note: a\nnote: \nnote: data: b\n\n');
  });

  it('writes objects, arrays, numbers, booleans and null as JSON', () => {
    const cases: [unknown, string][] = [
      [{ a: 1 }, '{"a":1}'],
      [[1, null], '[1,null]'],
      [0, '0'],
      [false, 'false'],
      [null, 'null'],
    ];
    for (const [data, text] of cases) assert.equal(encodeEvent({ data }), `data: ${text}\n\n`);
  });

  it('writes Buffers and other bytes as UTF-8 text', () => {
    assert.equal(encodeEvent({ data: Buffer.from('grün\nrot') }), 'data: grün\ndata: rot\n\n');
    assert.equal(encodeEvent({ data: new Uint8Array([104, 105]) }), 'data: hi\n\n');
    assert.equal(encodeEvent({ data: Buffer.from('xhix').subarray(1, 3) }), 'data: hi\n\n');
  });

  it('keeps spaces at the beginning of data', () => assert.equal(parse(encodeEvent({ data: '  x' })).data, '  x'));

  for (const breaker of ['\n', '\r', '\r\n']) {
    it(`T74 refuses ${JSON.stringify(breaker)} in event and id, naming the culprit`, () => {
      assert.equal(
        refusal({ event: `a${breaker}data: b` }),
        'The event cannot be sent: event must not contain a line break.',
      );
      assert.equal(refusal({ id: `a${breaker}b` }), 'The event cannot be sent: id must not contain a line break.');
      assert.equal(
        refusal({ fields: { [`a${breaker}b`]: 1 } }),
        'The event cannot be sent: a field name must not contain a line break, a NUL or a colon.',
      );
    });
  }

  it('T74 refuses NUL in an id, which clients would ignore', () => {
    assert.equal(refusal({ id: 'a\0b' }), 'The event cannot be sent: id must not contain a NUL character.');
  });

  it('refuses an id that could never be sent back', () => {
    assert.equal(encodeEvent({ id: 'x'.repeat(256) }), `id: ${'x'.repeat(256)}\n\n`);
    assert.equal(
      refusal({ id: 'x'.repeat(257) }),
      'The event cannot be sent: id must not be longer than 256 characters.',
    );
  });

  it('refuses further fields without a name, with a colon, or in place of a field of the standard', () => {
    assert.equal(refusal({ fields: { '': 1 } }), 'The event cannot be sent: a field name must not be empty.');
    assert.match(refusal({ fields: { 'a:b': 1 } }), /a colon\.$/);
    for (const name of ['data', 'event', 'id', 'retry']) {
      assert.equal(
        refusal({ fields: { [name]: 1 } }),
        `The event cannot be sent: a further field must not be named "${name}".`,
      );
    }
  });

  it('refuses a retry that clients would ignore', () => {
    for (const retry of [-1, 1.5, '1s', ' 1', Number.NaN, Infinity, 1e21]) {
      assert.equal(refusal({ retry }), 'The event cannot be sent: retry must be a whole number of milliseconds.');
    }
    assert.equal(encodeEvent({ retry: '250' }), 'retry: 250\n\n');
  });

  it('refuses event and id of other types', () => {
    assert.equal(
      refusal({ event: {} as unknown as string }),
      'The event cannot be sent: event must be a string or a number.',
    );
    assert.equal(
      refusal({ id: [] as unknown as string }),
      'The event cannot be sent: id must be a string or a number.',
    );
  });

  it('refuses data that has no JSON', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    assert.equal(refusal({ data: circle }), 'The event cannot be sent: its data is not valid JSON.');
    assert.equal(refusal({ data: 1n }), 'The event cannot be sent: its data is not valid JSON.');
    assert.equal(refusal({ data: () => 1 }), 'The event cannot be sent: data must not be a function.');
  });

  it('T74 whatever the text, a client gets exactly this data and no field more', () => {
    const nasty = fc.string({ unit: fc.constantFrom('a', ':', ' ', '\n', '\r', '\0', 'data: x', 'é', '\u2028') });
    const line = nasty.map((text) => text.replace(/[\r\n\0]/g, ''));
    fc.assert(
      fc.property(nasty, line, line, nasty, (data, event, id, value) => {
        const got = parse(encodeEvent({ data, event, id, fields: { more: value } }));
        assert.equal(got.data, data.replace(/\r\n|\r/g, '\n'));
        assert.equal(got.event, event);
        assert.equal(got.id ?? '', id);
        assert.ok(got.fields.every(([name]) => name === 'more'));
      }),
    );
  });
});

describe('EventFrame', () => {
  it('is the text as UTF-8, and the same as one chunk of a chunked body', () => {
    const frame = new EventFrame('data: grün\n\n');
    assert.equal(frame.body.toString(), 'data: grün\n\n');
    assert.equal(frame.size, 13);
    assert.equal(frame.chunk.toString(), 'd\r\ndata: grün\n\n\r\n');
    assert.equal(frame.body.buffer, frame.chunk.buffer);
  });

  it('writes sizes in hexadecimal', () => {
    const frame = new EventFrame('x'.repeat(70_000));
    assert.equal(frame.chunk.toString('latin1', 0, 7), '11170\r\n');
    assert.equal(frame.chunk.length, 70_000 + 7 + 2);
  });
});
