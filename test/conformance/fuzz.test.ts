/** Random bodies and headers, a few seconds of them. FUZZ_SEED repeats a run, FUZZ_SECONDS makes it longer. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, describe, it } from 'node:test';
import { BodyBudget } from '../../src/body/body-budget.js';
import { parseJson } from '../../src/body/json.js';
import { parseMultipart } from '../../src/body/multipart.js';
import { HttpError } from '../../src/errors.js';
import { encodeCookie, parseCookies } from '../../src/http/cookie.js';
import { FormData } from '../../src/http/form-data.js';
import { parseParameterized, parseQualityList, splitList } from '../../src/http/header.js';
import { Headers } from '../../src/http/headers.js';
import { parseQuery } from '../../src/http/query.js';
import { QueryParams } from '../../src/http/query-params.js';
import { RawClient } from '../support/raw-client.js';
import { startServer } from '../support/test-server.js';
import { emptyFolder, multipart, plainOptions, temporaryFolders } from '../src/body/body-server.js';

const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
const seconds = Number(process.env['FUZZ_SECONDS'] ?? 1);

/** A small generator of random numbers that can be repeated (mulberry32). */
class Random {
  #state: number;

  constructor(state: number) {
    this.#state = state;
  }

  /** 0 to `below`, without it. */
  number(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.number(list.length)] as T;
  }

  /** Some of the words in any order, with noise between. */
  text(words: readonly string[], longest: number): string {
    let text = '';
    for (let count = this.number(longest); count > 0; count -= 1)
      text +=
        this.number(5) === 0
          ? String.fromCharCode(this.number(this.number(9) === 0 ? 0x10000 : 256))
          : this.pick(words);
    return text;
  }

  /** The bytes with a few of them changed, taken out, doubled or swapped for a word. */
  mutate(bytes: Buffer, words: readonly string[]): Buffer {
    let out = bytes;
    for (let count = 1 + this.number(4); count > 0; count -= 1) {
      const at = this.number(out.length + 1);
      const until = Math.min(out.length, at + this.number(this.pick([2, 8, 60])));
      const middle = this.pick([
        Buffer.alloc(0),
        Buffer.from(this.pick(words), 'latin1'),
        Buffer.from([this.number(256)]),
        Buffer.concat([out.subarray(at, until), out.subarray(at, until)]),
      ]);
      out = Buffer.concat([out.subarray(0, at), middle, out.subarray(until)]);
    }
    return out;
  }

  /** The bytes in random pieces. */
  cut(bytes: Buffer): Buffer[] {
    const pieces: Buffer[] = [];
    for (let start = 0; start < bytes.length;) {
      const size = 1 + this.number(this.pick([2, 20, 400, 5000]));
      pieces.push(bytes.subarray(start, start + size));
      start += size;
    }
    return pieces;
  }
}

/** Runs something random again and again for its time; a failure names the seed. */
async function fuzz(run: (random: Random) => unknown): Promise<void> {
  const end = Date.now() + seconds * 1000;
  for (let round = 0; round < 20 || Date.now() < end; round += 1) {
    const own = (seed + round * 7919) | 0;
    try {
      await run(new Random(own));
    } catch (error) {
      throw new Error(`FUZZ_SEED=${own}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
    assert.deepEqual(Object.keys(Object.prototype), [], `FUZZ_SEED=${own}`);
    assert.equal(({} as { polluted?: unknown }).polluted, undefined, `FUZZ_SEED=${own}`);
  }
}

/** Errors of ours are answers; anything else is a defect. */
function only(error: unknown): void {
  if (!(error instanceof HttpError) || error.status >= 500) throw error;
}

const nameWords = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'polluted',
  'a',
  'b[c]',
  'ü',
  '%',
  '%41',
  '%zz',
  '%u0041',
  '%C3',
  '+',
  '&',
  '=',
  ';',
  ' ',
  '"',
  '\\',
  '\0',
  '\r\n',
  '.',
  '[]',
];
const headerWords = [
  'a',
  'text/plain',
  'charset',
  'filename*',
  "utf-8''",
  "UTF-8'en'%E2",
  '=',
  ';',
  ',',
  '"',
  '\\"',
  '\\',
  ' ',
  '\t',
  'q=0.5',
  '*/*',
  '%zz',
  '__proto__',
  '\u00e4',
];
const jsonWords = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ':',
  ',',
  '1e999',
  '-',
  'null',
  'true',
  '\\u0000',
  '\\ud800',
  '"__proto__"',
  '"constructor":{"prototype":{"polluted":1}}',
  '\\u005f_proto__',
  ' ',
];
const boundary = 'FuzzBoundary';
const partWords = [
  `\r\n--${boundary}`,
  `--${boundary}--`,
  `\r\n--${boundary}--\r\n`,
  '\r\n\r\n',
  '\r\n',
  '\n',
  '--',
  'Content-Disposition: form-data; name="',
  'Content-Disposition: form-data; name=__proto__\r\n\r\n',
  'Content-Type: multipart/mixed; boundary=x\r\n',
  'Content-Type: text/plain; charset=x\r\n',
  '; filename="',
  `; filename*=utf-8''%00`,
  '../',
  '"',
  '\0',
  'X: y\r\n'.repeat(40),
  'x'.repeat(20_000),
];

describe(`random input (FUZZ_SEED=${seed})`, () => {
  it('queries, forms and their containers never throw but for too many parameters', () =>
    fuzz((random) => {
      const text = random.text(nameWords, random.pick([5, 60, 3000]));
      try {
        const query = parseQuery(text);
        assert.equal(Object.getPrototypeOf(query), Object.prototype);
        for (const value of Object.values(query)) assert.ok(typeof value === 'string' || Array.isArray(value));
        const params = new QueryParams(text);
        assert.equal(params.items().length, params.values().length);
        assert.doesNotMatch(params.values().join(''), /[<>"']/);
        JSON.stringify(params);
      } catch (error) {
        only(error);
        assert.equal((error as HttpError).code, 'TOO_MANY_PARAMETERS');
      }
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', random.text(headerWords, 9)])
        try {
          new FormData(text, type).toString();
        } catch (error) {
          only(error);
        }
    }));

  it('cookies and headers never throw; what a cookie was encoded from is what comes back', () =>
    fuzz((random) => {
      const text = random.text([...nameWords, ...headerWords], 60);
      const cookies = parseCookies(text);
      assert.equal(Object.getPrototypeOf(cookies), Object.prototype);
      for (const value of Object.values(cookies)) assert.equal(typeof value, 'string');
      try {
        const line = encodeCookie(random.text(['a', 'b', '=', ';'], 3), text.slice(0, 60), {
          path: random.text(['/', 'a', ';'], 3),
          domain: random.text(['a', '.', ';'], 4),
        });
        assert.doesNotMatch(line, /[\r\n\0]/);
        assert.equal(Object.values(parseCookies(line.split(';', 1)[0]))[0], text.slice(0, 60));
      } catch (error) {
        if (!(error instanceof HttpError) || error.code !== 'INVALID_COOKIE') throw error;
      }
      const header = random.text(headerWords, 80);
      const { value, parameters } = parseParameterized(header);
      assert.equal(typeof value, 'string');
      for (const one of Object.values(parameters)) assert.equal(typeof one, 'string');
      for (const { q } of parseQualityList(header)) assert.ok(q >= 0 && q <= 1);
      assert.ok(splitList(header).every((one) => one !== ''));
      const fields = Headers.fromRaw(['X', header, 'x', text]);
      fields.getDirective('x');
      fields.getParameter('x', 'charset');
      JSON.stringify(fields);
    }));

  it('JSON is a value or an error of ours, without forbidden keys', () =>
    fuzz((random) => {
      const text = random.text(jsonWords, random.pick([5, 40, 4000]));
      try {
        assert.equal(JSON.stringify(parseJson(text)), JSON.stringify(JSON.parse(text)));
      } catch (error) {
        only(error);
      }
    }));

  it('multipart bodies end in a body or an error of ours, and leave nothing behind', async () => {
    const folder = emptyFolder();
    await fuzz(async (random) => {
      const sound = Buffer.from(
        multipart(
          Array.from({ length: random.number(5) }, () => ({
            name: random.pick(nameWords.filter((word) => !/["\r\0]/.test(word))),
            ...(random.number(2) === 0 && { filename: random.pick(['a.txt', '../x', 'ü', '']), type: 'text/plain' }),
            data: random.text(['data', '\r\n', '--', boundary], 50),
          })),
        )
          .toString('latin1')
          .replaceAll('----testBoundary7MA4YWxk', `--${boundary}`.slice(2)),
        'latin1',
      );
      const bytes =
        random.number(6) === 0 ? Buffer.from(random.text(partWords, 20), 'latin1') : random.mutate(sound, partWords);
      const budget = new BodyBudget(1e9);
      const upload = random.pick(['memory', 'disk'] as const);
      const uploadDir = random.pick(['', folder]);
      const source = Readable.from(random.cut(bytes), { objectMode: false });
      if (random.number(10) === 0) setImmediate(() => source.destroy());
      const outcome = await Promise.race([
        parseMultipart(source, `multipart/form-data; boundary=${boundary}`, {
          ...plainOptions,
          budget,
          upload,
          uploadDir,
        }).catch((error: unknown) => {
          only(error);
        }),
        sleep(5000, 'hangs', { ref: false }),
      ]);
      assert.notEqual(outcome, 'hangs');
      if (outcome && typeof outcome === 'object') {
        assert.equal(Object.getPrototypeOf(outcome.value), Object.prototype);
        await outcome.discard();
      }
      assert.equal(budget.used, 0);
      assert.deepEqual(temporaryFolders(), []);
      assert.deepEqual(
        readdirSync(folder).filter((name) => name.startsWith('.')),
        [],
      );
    });
  });
});

describe(`random requests (FUZZ_SEED=${seed})`, async () => {
  const errors: unknown[] = [];
  const server = await startServer(({ request, response }) => {
    try {
      JSON.stringify([request, request.queryParams, request.formData, request.headerFields]);
      response.json({ body: request.body });
    } catch (error) {
      errors.push(error);
      response.sendStatus(500);
    }
  });
  after(() => server.stop());

  it('get an answer or a closed connection, never a 5xx, and the server serves on', () =>
    fuzz(async (random) => {
      const type = random.pick([
        'multipart/form-data; boundary=FuzzBoundary',
        'application/x-www-form-urlencoded',
        'application/json',
        'text/plain',
        random.text(headerWords, 6).replace(/[^ -~]/g, ''),
      ]);
      const body = Buffer.from(random.text([...partWords, ...nameWords, ...jsonWords], 30), 'latin1').subarray(
        0,
        60_000,
      );
      const head = `POST /?${random.text(nameWords, 10).replace(/[^!-~]|#/g, '')} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nCookie: ${random.text(nameWords, 10).replace(/[^ -~]/g, '')}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`;
      const client = await RawClient.open(server.port);
      for (const piece of random.cut(Buffer.concat([Buffer.from(head, 'latin1'), body]))) {
        client.send(piece);
        if (random.number(3) === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      if (random.number(10) === 0) client.destroy();
      else {
        const { status } = await client.response();
        assert.ok(status < 500, `${status} for ${JSON.stringify(head)}`);
      }
      client.destroy();
      assert.deepEqual(errors, []);
    }));
});
