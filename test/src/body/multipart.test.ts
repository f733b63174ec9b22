import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { BodyBudget } from '../../../src/body/body-budget.js';
import type { UploadedFile } from '../../../src/body/multipart.js';
import type { ParsedBody } from '../../../src/body/parse-body.js';
import { boundary, emptyFolder, most, multipart, temporaryFolders } from './body-server.js';
import type { Part } from './body-server.js';
import { readMultipart, splits } from './multipart-read.js';

/** What a test looks at: fields, and of files name, type and text. */
function seen(body: ParsedBody): unknown {
  return {
    body: body.value,
    files: (body.files ?? []).map(({ fieldname, originalname, encoding, mimetype, size, buffer }: UploadedFile) => ({
      fieldname,
      originalname,
      encoding,
      mimetype,
      size,
      text: buffer?.toString(),
    })),
  };
}

const file = (fieldname: string, originalname: string, text: string, mimetype = 'text/plain', encoding = '7bit') => ({
  fieldname,
  originalname,
  encoding,
  mimetype,
  size: Buffer.byteLength(text),
  text,
});

interface Case {
  readonly what: string;
  readonly parts?: readonly Part[];
  readonly raw?: string | Buffer;
  readonly type?: string;
  readonly body?: unknown;
  readonly files?: readonly unknown[];
}

const crlf = (...lines: string[]): string => lines.join('\r\n');
const long = 'x'.repeat(3000);

const good: Case[] = [
  {
    what: 'fields and files, in their order',
    parts: [
      { name: 'title', data: 'Hello' },
      { name: 'doc', filename: 'a.txt', type: 'text/plain', data: long },
      { name: 'doc', filename: 'b.bin', type: 'application/octet-stream', data: 'B' },
    ],
    body: { title: 'Hello' },
    files: [file('doc', 'a.txt', long), file('doc', 'b.bin', 'B', 'application/octet-stream')],
  },
  {
    what: 'a repeated field as an array, empty values kept',
    parts: [
      { name: 'a', data: '1' },
      { name: 'b', data: '' },
      { name: 'a', data: '' },
      { name: 'a[0]', data: 'no nesting' },
    ],
    body: { a: ['1', ''], b: '', 'a[0]': 'no nesting' },
  },
  { what: 'a form without fields', raw: `--${boundary}--\r\n`, body: {} },
  { what: 'a form without fields and without the last line break', raw: `--${boundary}--`, body: {} },
  { what: 'an empty body', raw: '', body: {} },
  {
    what: 'text before the first and behind the last boundary',
    raw: crlf(
      'This is a preamble,',
      'as MIME has it.',
      `--${boundary}`,
      'Content-Disposition: form-data; name="a"',
      '',
      '1',
      `--${boundary}--`,
      'An epilogue',
      `--${boundary}`,
      'Content-Disposition: form-data; name="b"',
      '',
      '2',
      '',
    ),
    body: { a: '1' },
  },
  {
    what: 'parts behind the last boundary are none',
    raw: crlf(
      `--${boundary}`,
      'Content-Disposition: form-data; name="a"',
      '',
      '1',
      `--${boundary}--`,
      `--${boundary}`,
      'Content-Disposition: form-data; name="f"; filename="late.txt"',
      '',
      'never ends',
    ),
    body: { a: '1' },
  },
  {
    what: 'a line break before the first boundary',
    raw: `\r\n--${boundary}\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--${boundary}--`,
    body: { a: '1' },
  },
  {
    what: 'a quoted boundary with spaces and colons',
    type: 'multipart/form-data; charset=utf-8; boundary="a b:c=?d"',
    raw: '--a b:c=?d\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n--a b:c=?d--\r\n',
    body: { x: '1' },
  },
  {
    what: 'a boundary parameter in capitals',
    type: `Multipart/Form-Data; BOUNDARY=${boundary}`,
    raw: multipart([{ name: 'x', data: '1' }]),
    body: { x: '1' },
  },
  {
    what: 'data that looks like a boundary but is none',
    parts: [
      { name: 'a', data: `.\r\n\r\n-${boundary}` },
      { name: 'b', data: `x--${boundary}--\r\n\r\n-${boundary}` },
      { name: 'c', data: `\r\n--${boundary.slice(0, -1)}\r\n\r\n\r\n--` },
    ],
    body: {
      a: `.\r\n\r\n-${boundary}`,
      b: `x--${boundary}--\r\n\r\n-${boundary}`,
      c: `\r\n--${boundary.slice(0, -1)}\r\n\r\n\r\n--`,
    },
  },
  {
    what: 'names that are not quoted, in other cases and folded',
    parts: [
      { headers: 'content-disposition: FORM-DATA; NAME=bit', data: '2' },
      { headers: 'Content-Disposition: form-data;\r\n\tname="folded"', data: '3' },
    ],
    body: { bit: '2', folded: '3' },
  },
  {
    what: 'a part without a type: a field is text, a file is text/plain (RFC 7578 4.4)',
    parts: [
      { name: 'a', data: 'ü' },
      { name: 'f', filename: 'x', data: 'y' },
    ],
    body: { a: 'ü' },
    files: [file('f', 'x', 'y')],
  },
  {
    what: 'an empty type of a field',
    parts: [{ headers: 'Content-Disposition: form-data; name="cont"\r\nContent-Type: ', data: 'some' }],
    body: { cont: 'some' },
  },
  {
    what: 'the type of a field: JSON stays text, a charset is decoded',
    parts: [
      { name: 'j', type: 'application/json', data: '{}' },
      { name: 'l', type: 'text/plain; charset=iso-8859-1', data: Buffer.from('ü', 'latin1') },
    ],
    body: { j: '{}', l: 'ü' },
  },
  {
    what: 'a transfer encoding as sent, the data not decoded',
    parts: [
      {
        headers:
          'Content-Disposition: form-data; name=f; filename=a.b64\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64',
        data: 'aGVsbG8=',
      },
    ],
    body: {},
    files: [file('f', 'a.b64', 'aGVsbG8=', 'text/plain', 'base64')],
  },
  {
    what: 'other headers of a part',
    parts: [
      {
        headers:
          'Content-Type: application/gzip\r\nContent-Encoding: gzip\r\nContent-Disposition: form-data; name=b; filename=b',
        data: '',
      },
    ],
    body: {},
    files: [file('b', 'b', '', 'application/gzip')],
  },
  {
    what: 'empty files: chosen ones count, an input without a choice does not',
    parts: [
      { name: 'f', filename: 'empty.txt', type: 'text/plain', data: '' },
      { name: 'g', filename: '', type: 'application/octet-stream', data: '' },
    ],
    body: {},
    files: [file('f', 'empty.txt', '')],
  },
  {
    what: 'a file with bytes and no name',
    parts: [{ name: 'f', filename: '', type: 'application/octet-stream', data: 'bytes' }],
    body: {},
    files: [file('f', '', 'bytes', 'application/octet-stream')],
  },
  {
    what: 'names in UTF-8',
    parts: [
      { name: 'größe', data: '1' },
      { name: 'f', filename: 'ü €  日本.txt', type: 'text/plain', data: '2' },
    ],
    body: { größe: '1' },
    files: [file('f', 'ü €  日本.txt', '2')],
  },
  {
    what: 'filename* wins over filename (RFC 5987)',
    parts: [
      {
        headers: `Content-Disposition: form-data; name="f"; filename="poo.dat"; filename*=utf-8''%F0%9F%92%A9.dat`,
        data: 'x',
      },
      { headers: `Content-Disposition: form-data; name="f"; filename*=iso-8859-1'de'n%e4me.txt`, data: 'y' },
    ],
    body: {},
    files: [file('f', '💩.dat', 'x'), file('f', 'näme.txt', 'y')],
  },
];

describe('a multipart body, however it is cut into chunks', () => {
  for (const { what, parts, raw, type, body = {}, files = [] } of good)
    it(what, async () => {
      const bytes = raw === undefined ? multipart(parts ?? []) : Buffer.from(raw as string);
      for (const chunks of splits(bytes))
        assert.deepEqual(seen(await readMultipart(chunks, {}, type)), { body, files }, `${chunks.length} chunks`);
    });

  it('keeps input order of files whatever their size, and the empty inputs for the containers', async () => {
    const parsed = await readMultipart([
      multipart([
        { name: 'f', filename: 'big', data: 'x'.repeat(200_000) },
        { name: 'g', filename: '', type: 'application/octet-stream', data: '' },
        { name: 'f', filename: 'small', data: 'y' },
      ]),
    ]);
    assert.deepEqual(
      parsed.files?.map(({ originalname }) => originalname),
      ['big', 'small'],
    );
    assert.deepEqual(
      parsed.fileParts?.map(({ originalname }) => originalname),
      ['big', '', 'small'],
    );
  });

  it('leaves a buffer of its own to each file, not a slice of what came from the socket', async () => {
    const parsed = await readMultipart([
      multipart([
        { name: 'f', filename: 'a', data: 'tiny' },
        { name: 'g', filename: 'b', data: 'x'.repeat(100_000) },
      ]),
    ]);
    assert.equal(parsed.files?.[0]?.buffer?.toString(), 'tiny');
    assert.ok(parsed.files[0].buffer.buffer.byteLength <= Buffer.poolSize);
  });

  it('keeps the bytes beside the parsed value when asked, but not those of an upload to disk', async () => {
    const bytes = multipart([{ name: 'a', data: '1' }]);
    assert.deepEqual((await readMultipart(splits(bytes)[3] ?? [], { keepRaw: true })).raw, bytes);
    assert.equal((await readMultipart([bytes], { keepRaw: true, upload: 'disk' })).raw, undefined);
  });

  it('gives the pairs of the fields in their order', async () => {
    const parsed = await readMultipart([
      multipart([
        { name: 'b', data: '1' },
        { name: 'a', data: '2' },
        { name: 'b', data: '3' },
      ]),
    ]);
    assert.deepEqual(parsed.pairs, [
      ['b', '1'],
      ['a', '2'],
      ['b', '3'],
    ]);
  });
});

interface Refusal {
  readonly what: string;
  readonly raw: string | Buffer;
  readonly type?: string;
  readonly code?: string;
  readonly message?: string;
}

const part = (name: string, data: string): string =>
  `--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="f.txt"\r\n\r\n${data}`;
const malformed = (reason: string): string => `The multipart body is malformed: ${reason}.`;
const many = (count: number, one: (index: number) => Part): Buffer =>
  multipart(Array.from({ length: count }, (_, index) => one(index)));

const refused: Refusal[] = [
  { what: 'T25 no final boundary', raw: part('a', 'x'), message: malformed('it ends without its final boundary') },
  {
    what: 'T25 an end in the middle of a part head',
    raw: `--${boundary}\r\nContent-Disp`,
  },
  {
    what: 'T25 an end behind a delimiter',
    raw: `${part('a', 'x')}\r\n--${boundary}`,
    message: malformed('it ends without its final boundary'),
  },
  {
    what: 'T25 a final boundary with one dash',
    raw: `${part('a', 'x')}\r\n--${boundary}-`,
    message: malformed('it ends without its final boundary'),
  },
  { what: 'T25 no boundary at all', raw: 'just text', message: malformed('it ends without its final boundary') },
  {
    what: 'T25 LF only',
    raw: multipart([{ name: 'a', data: '1' }])
      .toString()
      .replaceAll('\r\n', '\n'),
    message: malformed('a delimiter is followed by neither a line break nor the final dashes'),
  },
  {
    what: 'T25 the boundary in the data',
    raw: multipart([{ name: 'a', data: `one\r\n--${boundary}two` }]),
    message: malformed('a delimiter is followed by neither a line break nor the final dashes'),
  },
  {
    what: 'T25 the boundary right behind the headers of a part',
    raw: multipart([{ name: 'a', data: `--${boundary}` }]),
    message: malformed('a delimiter follows the headers of a part at once'),
  },
  {
    what: 'T25 the boundary among the headers of a part',
    raw: multipart([{ headers: `Content-Disposition: form-data; name="a"\r\n--${boundary}x: y`, data: 'x' }]),
    message: malformed('a delimiter stands in the headers of a part'),
  },
  {
    what: 'T25 the boundary in the middle of a folded header',
    raw: multipart([{ headers: `Content-Disposition: form-data; \r\n--${boundary}name="a"; filename="b"`, data: 'x' }]),
    message: malformed('a delimiter stands in the headers of a part'),
  },
  {
    what: 'T25 a delimiter followed by text',
    raw: `--${boundary}text\r\n\r\n`,
    message: malformed('a delimiter is followed by neither a line break nor the final dashes'),
  },
  {
    what: 'T25 a boundary of 71 characters',
    type: `multipart/form-data; boundary=${'b'.repeat(71)}`,
    raw: '',
    message: malformed('the boundary is longer than 70 characters'),
  },
  {
    what: 'T25 an empty boundary',
    type: 'multipart/form-data; boundary=""',
    raw: '',
    message: malformed('the Content-Type names no boundary'),
  },
  {
    what: 'T25 no boundary parameter',
    type: 'multipart/form-data',
    raw: '',
    message: malformed('the Content-Type names no boundary'),
  },
  {
    what: 'T25 a boundary with a character it may not have',
    type: 'multipart/form-data; boundary="a\\"b"',
    raw: '',
    message: malformed('the boundary contains a character it may not contain'),
  },
  {
    what: 'T25 a boundary that ends in a space',
    type: 'multipart/form-data; boundary="a "',
    raw: '',
    message: malformed('the boundary contains a character it may not contain'),
  },
  {
    what: 'T25 a part that is multipart itself',
    raw: multipart([{ name: 'f', filename: 'x', type: 'multipart/mixed; boundary=in', data: '--in\r\n\r\n--in--' }]),
    message: malformed('a part is multipart itself'),
  },
  {
    what: 'T26 a part without a name',
    raw: multipart([{ headers: 'Content-Disposition: form-data', data: 'x' }]),
    message: malformed('a part has no name'),
  },
  {
    what: 'T26 a part with an empty name',
    raw: multipart([{ name: '', data: 'x' }]),
    message: malformed('a part has no name'),
  },
  {
    what: 'T26 a file with an empty name of its field',
    raw: multipart([{ name: '', filename: 'x', data: 'x' }]),
    message: malformed('a part has no name'),
  },
  {
    what: 'T26 a part without a disposition',
    raw: multipart([{ headers: 'Content-Type: text/plain', data: 'x' }]),
    message: malformed('a part has no Content-Disposition of form-data'),
  },
  {
    what: 'T26 a part that is an attachment',
    raw: multipart([{ headers: 'Content-Disposition: attachment; name=x', data: 'x' }]),
    message: malformed('a part has no Content-Disposition of form-data'),
  },
  {
    what: 'T26 a NUL in a field name',
    raw: multipart([{ name: 'a\0b', data: 'x' }]),
    message: malformed('malformed part header'),
  },
  {
    what: 'T27 a NUL in a file name',
    raw: multipart([{ headers: `Content-Disposition: form-data; name=f; filename*=utf-8''a%00.txt`, data: 'x' }]),
    message: malformed('a file name contains a NUL character'),
  },
  {
    what: 'a header that is none',
    raw: multipart([{ headers: 'Content-Disposition: form-data; name=a\r\nno header', data: 'x' }]),
    message: malformed('malformed part header'),
  },
  {
    what: 'a charset nobody knows',
    raw: multipart([{ name: 'a', type: 'text/plain; charset=klingon', data: 'x' }]),
    code: 'UNSUPPORTED_CHARSET',
  },
  {
    what: 'T26 11 files',
    raw: many(11, () => ({ name: 'f', filename: 'x', data: 'x' })),
    code: 'LIMIT_FILES',
    message: 'The upload has more than 10 files (maxFiles).',
  },
  {
    what: 'T26 101 fields',
    raw: many(101, (index) => ({ name: `f${index}`, data: 'x' })),
    code: 'LIMIT_FIELDS',
    message: 'The upload has more than 100 fields.',
  },
  {
    what: 'T26 a field of 64 KiB and a byte',
    raw: multipart([{ name: 'f', data: 'x'.repeat(65537) }]),
    code: 'LIMIT_FIELD_SIZE',
    message: 'The upload has a field with more than 65536 bytes.',
  },
  {
    what: 'T26 a field name of 101 bytes',
    raw: multipart([{ name: 'ü'.repeat(51), data: 'x' }]),
    code: 'LIMIT_FIELD_NAME',
    message: 'The upload has a field name with more than 100 bytes.',
  },
  {
    what: 'T26 33 headers of a part',
    raw: multipart([{ headers: `Content-Disposition: form-data; name=f${'\r\nX-A: 1'.repeat(32)}`, data: 'x' }]),
    code: 'LIMIT_HEADER_PAIRS',
    message: 'A part of the upload has more than 32 headers.',
  },
  {
    what: 'T26 5,000 headers of a part',
    raw: multipart([{ headers: `Content-Disposition: form-data; name=f${'\r\nX: 1'.repeat(5000)}`, data: 'x' }]),
    code: 'LIMIT_HEADER_PAIRS',
  },
  {
    what: 'T26 a header of 100 KB',
    raw: multipart([{ headers: `Content-Disposition: form-data; name=f\r\nX: ${'y'.repeat(100_000)}`, data: 'x' }]),
    message: malformed('malformed part header'),
  },
];

describe('a multipart body that is refused', () => {
  for (const { what, raw, type, code = 'BAD_MULTIPART', message } of refused)
    it(`${what} is ${code}, to memory and to disk, and nothing is left`, async () => {
      const bytes = Buffer.from(raw as string);
      const cuts = bytes.length < 2000 ? splits(bytes) : [[bytes], splits(bytes)[5] ?? []];
      for (const upload of ['memory', 'disk'] as const)
        for (const chunks of cuts) {
          const budget = new BodyBudget(1e9);
          await assert.rejects(readMultipart(chunks, { upload, budget, uploadLimit: most(1e8) }, type), {
            code,
            ...(message !== undefined && { message }),
          });
          assert.equal(budget.used, 0);
        }
      assert.deepEqual(temporaryFolders(), []);
    });

  it('T26 20,000 parts are refused at the 111th, before the rest is read', async () => {
    const one = multipart([{ name: 'f', filename: 'x', data: '' }], '');
    const bytes = Buffer.concat([...Array.from({ length: 20_000 }, () => one), Buffer.from(`--${boundary}--`)]);
    await assert.rejects(readMultipart([bytes], { maxFiles: 30_000, memoryLimit: most(1e8) }), {
      code: 'LIMIT_PARTS',
      message: 'The upload has more than 110 parts.',
    });
  });

  it('110 parts, 10 files, 100 fields, 32 headers, fields of 64 KiB and names of 100 bytes are taken', async () => {
    const parsed = await readMultipart([
      many(110, (index) => ({
        name: index === 0 ? 'n'.repeat(100) : `f${index}`,
        ...(index >= 100 && { filename: 'x' }),
        data: index === 1 ? 'x'.repeat(65536) : '',
      })),
    ]);
    assert.equal(Object.keys(parsed.value as object).length, 100);
    assert.equal(parsed.files?.length, 10);
    const headers = `Content-Disposition: form-data; name=f${'\r\nX-A: 1'.repeat(31)}`;
    assert.deepEqual((await readMultipart([multipart([{ headers, data: 'x' }])])).value, { f: 'x' });
  });

  it('a file at maxFileSize is taken, a byte more is 413 with the limit named', async () => {
    const bytes = (size: number): Buffer => multipart([{ name: 'f', filename: 'x', data: 'x'.repeat(size) }]);
    for (const upload of ['memory', 'disk'] as const) {
      const parsed = await readMultipart([bytes(1000)], { upload, maxFileSize: 1000 });
      assert.equal(parsed.files?.[0]?.size, 1000);
      await parsed.discard();
      await assert.rejects(readMultipart([bytes(1001)], { upload, maxFileSize: 1000 }), {
        code: 'LIMIT_FILE_SIZE',
        status: 413,
        message: 'The upload has a file with more than 1000 bytes (maxFileSize).',
      });
    }
  });

  it('T18 a body over its limit is 413 with the setting named: bodyLimit in memory, uploadLimit on disk', async () => {
    const bytes = multipart([{ name: 'f', filename: 'x', data: 'x'.repeat(2000) }]);
    const limits = { memoryLimit: most(1500), uploadLimit: most(1800, 'uploadLimit') } as const;
    await assert.rejects(readMultipart(splits(bytes)[6] ?? [], limits), {
      message: 'The body is larger than the limit of 1500 bytes (bodyLimit).',
    });
    await assert.rejects(readMultipart(splits(bytes)[6] ?? [], { ...limits, upload: 'disk' }), {
      message: 'The body is larger than the limit of 1800 bytes (uploadLimit).',
    });
    assert.deepEqual(temporaryFolders(), []);
  });

  it('is UPLOADS_OFF where uploads are refused', async () => {
    await assert.rejects(readMultipart([multipart([])], { upload: 'off' }), { code: 'UPLOADS_OFF', status: 415 });
  });

  it('maxFiles 0 takes fields and refuses the first file', async () => {
    const field: Part = { name: 'a', data: '1' };
    assert.deepEqual((await readMultipart([multipart([field])], { maxFiles: 0 })).value, { a: '1' });
    await assert.rejects(readMultipart([multipart([field, { name: 'f', filename: 'x', data: '' }])], { maxFiles: 0 }), {
      code: 'LIMIT_FILES',
    });
  });

  it('T82 files, fields and kept bytes count against the budget until they are discarded', async () => {
    const budget = new BodyBudget(10_000);
    const bytes = multipart([
      { name: 'a', data: 'x'.repeat(100) },
      { name: 'f', filename: 'x', data: 'x'.repeat(1000) },
    ]);
    const parsed = await readMultipart([bytes], { budget });
    assert.equal(budget.used, 1100);
    void parsed.discard();
    assert.equal(budget.used, 0);
    const kept = await readMultipart([bytes], { budget, keepRaw: true });
    assert.equal(budget.used, 1100 + bytes.length);
    void kept.discard();
    assert.equal(budget.used, 0);
    budget.take(9500, 9500);
    await assert.rejects(readMultipart([bytes], { budget }), { code: 'OVERLOADED', status: 503 });
    assert.equal(budget.used, 9500);
    // On disk only the fields are held.
    const stored = await readMultipart([bytes], { budget, upload: 'disk' });
    assert.equal(budget.used, 9600);
    await stored.discard();
  });
});

describe('T21 names that would reach a prototype', () => {
  it('are dropped, as fields and as files', async () => {
    const parsed = await readMultipart([
      multipart([
        { name: '__proto__', data: '1' },
        { name: 'constructor', data: '1' },
        { name: 'prototype', filename: 'x', data: '1' },
        { name: '__proto__', filename: 'x', data: '1' },
        { name: 'toString', data: 'kept' },
      ]),
    ]);
    assert.deepEqual(Object.entries(parsed.value as object), [['toString', 'kept']]);
    assert.deepEqual(parsed.files, []);
    assert.equal(({} as { x?: unknown }).x, undefined);
  });
});

describe('T27 names of uploaded files', () => {
  const names: [sent: string, shown: string][] = [
    ['../../etc/passwd', 'passwd'],
    ['/absolute/1k_a.dat', '1k_a.dat'],
    ['C:\\\\files\\\\1k_b.dat', '1k_b.dat'],
    ['relative/1k_c.dat', '1k_c.dat'],
    ['.', '.'],
    ['..', '..'],
    ['CON', 'CON'],
    ['aux.txt', 'aux.txt'],
    ['.htaccess', '.htaccess'],
    ['a;b,c d.txt', 'a;b,c d.txt'],
    ['\u202egnp.exe', '\u202egnp.exe'],
    [`${'n'.repeat(10_000)}.txt`, `${'n'.repeat(251)}.txt`],
  ];
  for (const [sent, shown] of names)
    it(`${JSON.stringify(sent.slice(0, 30))} is ${JSON.stringify(shown.slice(0, 30))} as data, and stored under a name of ours`, async () => {
      const folder = emptyFolder();
      const parsed = await readMultipart(
        [multipart([{ name: 'f', filename: sent, type: 'text/plain', data: 'bytes' }])],
        { upload: 'disk', uploadDir: folder },
      );
      const [stored] = parsed.files ?? [];
      assert.equal(stored?.originalname, shown === '.' || shown === '..' ? stored?.originalname : shown);
      const path = stored?.path ?? '';
      assert.equal(path.slice(0, folder.length + 1), `${folder}/`);
      assert.match(
        path.slice(folder.length + 1),
        /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]*-[\da-f]{16}(?:\.[\p{L}\p{N}_-]+)?$/u,
      );
      assert.equal(readFileSync(path, 'utf8'), 'bytes');
    });
});

describe('an upload to disk', () => {
  it('is taken in whole, and gone with its temporary folder when it is discarded', async () => {
    const bytes = Buffer.alloc(300_000, 'ab');
    const parsed = await readMultipart([multipart([{ name: 'f', filename: 'a.bin', data: bytes }])], {
      upload: 'disk',
    });
    const path = parsed.files?.[0]?.path ?? '';
    assert.deepEqual(readFileSync(path), bytes);
    assert.equal(temporaryFolders().length, 1);
    await parsed.discard();
    assert.deepEqual(temporaryFolders(), []);
  });

  it('says nothing of an input nothing was chosen in, and stores nothing for it', async () => {
    const folder = emptyFolder();
    const parsed = await readMultipart(
      [multipart([{ name: 'f', filename: '', type: 'application/octet-stream', data: '' }])],
      {
        upload: 'disk',
        uploadDir: folder,
      },
    );
    assert.deepEqual(parsed.files, []);
    assert.equal(parsed.fileParts?.length, 1);
  });
});
