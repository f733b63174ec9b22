/** What widely used static-file servers promise, as their own test lists name it, held against ours on raw sockets. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { claimAnswer, releaseAnswer, sendError, sendFile, serverFiles } from '../../src/index.js';
import { FileCache } from '../../src/file/file-cache.js';
import { RawClient, type RawResponse, ask, get, post, requestText } from '../support/raw-client.js';
import { type TestServer, startServer } from '../support/test-server.js';

type Options = Partial<Parameters<typeof sendFile>[2]>;

const root = mkdtempSync(join(tmpdir(), 'static-files-'));
for (const folder of ['pets', '.mine', 'users', 'snow ☃', 'deep/er', 'empty'])
  mkdirSync(join(root, folder), { recursive: true });
const files: Record<string, string> = {
  'name.txt': 'tobi',
  'nums.txt': '123456789',
  'empty.txt': '',
  'name.html': '<p>tobi</p>',
  'some thing.txt': 'hey',
  'do..ts.txt': '...',
  no_ext: 'foobar',
  'todo.html': '<li>groceries</li>',
  'foo bar': 'baz',
  '.hidden.txt': 'secret',
  '.mine/name.txt': 'tobi',
  '.mine/.hidden.txt': 'secret',
  'pets/index.html': 'tobi,loki',
  'pets/names.txt': 'tobi\nloki',
  'pets/.hidden': 'secret',
  'users/tobi.txt': 'ferret',
  'deep/er/x.txt': 'x',
};
for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
utimesSync(join(root, 'nums.txt'), 1_500_000_000, 1_500_000_000);

let server: TestServer;
let options: Options = {};

before(async () => {
  server = await startServer(
    [
      {
        path: '/sent/*',
        methods: ['GET', 'POST'],
        handle: ({ request, response, params }) => {
          if (!claimAnswer(response)) return;
          const name = { filename: params['0'] ?? '', redirect: true };
          sendFile(request, response, { ...serverFiles(request, undefined), ...name, ...options }).catch(
            (error: unknown) => {
              releaseAnswer(response);
              sendError(response, error);
            },
          );
        },
      },
    ],
    { rootPath: root },
  );
});
after(async () => {
  await server.stop();
  rmSync(root, { recursive: true });
});

const at = (path: string, ...headers: string[]): Promise<RawResponse> => ask(server.port, get(path, ...headers));

/** The answer of a flow that sends the file with these options. */
async function sent(path: string, more: Options, ...headers: string[]): Promise<RawResponse> {
  options = more;
  return at(`/sent${path}`, ...headers);
}

async function headOf(path: string, ...headers: string[]): Promise<RawResponse> {
  return ask(server.port, requestText('HEAD', path, headers), { head: true });
}

describe('A static file', () => {
  it('is streamed with its length, date, type and validators', async () => {
    const answer = await at('/name.txt');
    assert.deepEqual([answer.status, answer.text, answer.get('content-length')], [200, 'tobi', '4']);
    assert.match(answer.get('content-type') ?? '', /^text\/plain; charset=utf-8$/i);
    assert.match(answer.get('etag') ?? '', /^"[\w-]+"$/);
    assert.match(answer.get('date') ?? '', /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/);
    assert.equal(answer.get('accept-ranges'), 'bytes');
    assert.equal((await at('/nums.txt')).get('last-modified'), 'Fri, 14 Jul 2017 02:40:00 GMT');
  });

  it('may be empty', async () => {
    const answer = await at('/empty.txt');
    assert.deepEqual([answer.status, answer.text, answer.get('content-length')], [200, '', '0']);
    assert.equal((await at('/empty.txt', 'Range: bytes=0-')).status, 416);
    assert.equal((await at('/empty.txt', 'Range: bytes=0-')).get('content-range'), 'bytes */0');
    assert.equal((await at('/empty.txt', 'Range: bytes=-1')).status, 416);
  });

  it('has its name decoded once', async () => {
    assert.equal((await at('/some%20thing.txt')).text, 'hey');
    assert.equal((await at('/foo%20bar')).text, 'baz');
    assert.equal((await at('/some%2520thing.txt')).status, 404);
  });

  it('may have dots in its name', async () => {
    assert.equal((await at('/do..ts.txt')).text, '...');
  });

  it('of an unknown extension has the default type', async () => {
    assert.match((await at('/no_ext')).get('content-type') ?? '', /^text\/plain/);
  });

  it('is not found: a missing one, a name too long, a NUL, a slash behind a file', async () => {
    for (const path of ['/meow', `/${'a'.repeat(400)}`, '/some%00thing', '/name.txt/', '/name.html/index.html']) {
      const answer = await at(path);
      assert.equal(answer.status, 404, path);
      assert.equal(answer.text, 'File not found');
    }
  });

  it('with a broken escape in its name is a bad request', async () => {
    for (const path of ['/some%99thing.txt', '/%', '/%foobar']) assert.equal((await at(path)).status, 400, path);
  });

  it('serves nothing for another method', async () => {
    const answer = await ask(server.port, post('/name.txt', 'x'));
    assert.equal(answer.status, 404);
    options = {};
    const refused = await ask(server.port, requestText('DELETE', '/sent/name.txt'));
    assert.deepEqual([refused.status, refused.get('allow')], [405, 'GET, HEAD, OPTIONS, POST']);
  });

  it('answers HEAD with the very headers of GET, on every kind of answer', async () => {
    for (const [path, ...headers] of [
      ['/name.txt'],
      ['/empty.txt'],
      ['/pets'],
      ['/pets/'],
      ['/missing'],
      ['/nums.txt', 'If-None-Match: *'],
      ['/nums.txt', 'If-Match: "other"'],
    ] as const) {
      const [head, whole] = [await headOf(path, ...headers), await at(path, ...headers)];
      assert.equal(head.status, whole.status);
      const kept = (answer: RawResponse): unknown => answer.headers.filter(([name]) => name !== 'Date');
      assert.deepEqual(kept(head), kept(whole), path);
    }
  });

  it('does not take an address for a host or user', async () => {
    assert.equal((await at('//todo@txt')).status, 404);
    assert.equal((await at('//todo.html')).status, 404, 'a file has one path');
  });
});

describe('A folder', () => {
  it('shows its index', async () => {
    assert.equal((await at('/pets/')).text, 'tobi,loki');
    assert.equal((await at('/')).status, 404);
  });

  it('redirects to its slash, the query kept, with a page that runs nothing', async () => {
    const answer = await at('/pets?a=1&b=<script>');
    assert.deepEqual([answer.status, answer.get('location')], [301, '/pets/?a=1&b=<script>']);
    assert.match(answer.get('content-type') ?? '', /html/);
    assert.match(answer.text, />Redirecting to/);
    assert.doesNotMatch(answer.text, /<script>/);
    assert.equal(answer.get('content-security-policy'), "default-src 'none'");
    assert.equal(answer.get('x-content-type-options'), 'nosniff');
    assert.equal((await at('/snow%20%E2%98%83')).get('location'), '/snow%20%E2%98%83/');
  });

  it('T43 never redirects to another host', async () => {
    const spellings = ['//users', '///users', '//users?//evil', '/%2Fusers', '/%2fusers', '//./users'];
    const strangers = ['//evil.example', '/%5cevil.example', '//evil.example/%2e%2e', '//users/..'];
    for (const path of [...spellings, ...strangers]) {
      const answer = await at(path);
      assert.ok([403, 404].includes(answer.status), `${answer.status} for ${path}`);
      assert.equal(answer.get('location'), undefined, path);
    }
    for (const path of ['/users?//evil', '/users?/\\evil'])
      assert.match((await at(path)).get('location') ?? '', /^\/users\/\?/);
  });

  it('without an index is not found, with a listing it is listed', async () => {
    assert.equal((await at('/empty/')).status, 404);
    const listing = await sent('/deep/', { listing: true });
    assert.match(listing.text, /href="\.\/er\/"/);
    assert.equal((await sent('/deep/', { listing: true, index: '' })).status, 200);
  });

  it('may have another index, or none', async () => {
    assert.equal((await sent('/pets/', { index: 'names.txt' })).text, 'tobi\nloki');
    assert.equal((await sent('/pets/', { index: '' })).status, 404);
    assert.equal((await sent('/deep/', { index: 'er' })).status, 404, 'an index that is a folder');
  });

  it('redirects by the address, not by the name, where a wildcard took a part of it', async () => {
    assert.equal((await sent('/pets', {})).get('location'), '/sent/pets/');
  });

  it('redirects below the prefix that a trusted proxy took away, and only then', async (t) => {
    for (const [trustProxy, location] of [
      [['loopback'], '/app/pets/?x'],
      [[], '/pets/?x'],
    ] as const) {
      const behind = await startServer([], { rootPath: root, trustProxy });
      t.after(() => behind.stop());
      const answer = await ask(behind.port, get('/pets?x', 'X-Forwarded-Prefix: /app/'));
      assert.equal(answer.get('location'), location);
      assert.equal((await ask(behind.port, get('/pets', 'X-Forwarded-Prefix: //evil'))).get('location'), '/pets/');
    }
  });
});

describe('Hidden files', () => {
  const hidden = [
    '/.hidden.txt',
    '/.mine',
    '/.mine/',
    '/.mine/name.txt',
    '/.nothere',
    '/.what/name.txt',
    '/pets/.hidden',
    '/.mine/.hidden.txt',
  ];
  it('T32 are not there', async () => {
    for (const path of hidden) assert.equal((await at(path)).status, 404, path);
  });
  it('T32 are forbidden, those that are not there too', async () => {
    for (const path of hidden) {
      const answer = await sent(path, { dotfiles: 'deny' });
      assert.deepEqual([answer.status, answer.text], [403, 'Invalid path'], path);
    }
  });
  it('T32 are allowed', async () => {
    for (const [path, text] of [
      ['/.hidden.txt', 'secret'],
      ['/.mine/name.txt', 'tobi'],
      ['/.mine/.hidden.txt', 'secret'],
      ['/pets/.hidden', 'secret'],
    ])
      assert.equal((await sent(path ?? '', { dotfiles: 'allow' })).text, text);
    assert.equal((await sent('/.nothere', { dotfiles: 'allow' })).status, 404);
  });
  it('T32 do not count in the path of the root itself', async () => {
    assert.equal((await sent('/name.txt', { root: join(root, '.mine') })).text, 'tobi');
  });
});

describe('Conditions (RFC 9110 13)', () => {
  const etagOf = async (path: string): Promise<string> => (await at(path)).get('etag') ?? '';

  it('304 has the validators and no header of a body', async () => {
    const etag = await etagOf('/name.txt');
    const answer = await sent(
      '/name.txt',
      {
        maxAge: 5,
        headers: [
          ['Content-Language', 'en'],
          ['Content-Location', '/other'],
          ['Content-Security-Policy', "default-src 'self'"],
        ],
      },
      `If-None-Match: ${etag}`,
    );
    assert.equal(answer.status, 304);
    for (const name of ['content-type', 'content-length', 'content-language', 'content-encoding', 'transfer-encoding'])
      assert.equal(answer.get(name), undefined, name);
    assert.deepEqual(
      ['etag', 'cache-control', 'content-location', 'content-security-policy', 'vary'].map((name) => answer.get(name)),
      [etag, 'public, max-age=5', '/other', "default-src 'self'", 'Accept-Encoding'],
    );
    assert.ok(answer.get('date') && answer.get('last-modified'));
  });

  it('If-None-Match takes *, lists and weak tags; what is not quoted is no tag', async () => {
    const etag = await etagOf('/name.txt');
    for (const value of ['*', etag, `"a", ${etag}`, `W/${etag}`, `"a",W/${etag},"b"`])
      assert.equal((await at('/name.txt', `If-None-Match: ${value}`)).status, 304, value);
    for (const value of ['"a"', etag.slice(1, -1), `${etag}x`, '', '"*"'])
      assert.equal((await at('/name.txt', `If-None-Match: ${value}`)).status, 200, value);
  });

  it('If-Match takes * and strong tags only', async () => {
    const etag = await etagOf('/name.txt');
    for (const value of ['*', etag, `"a", ${etag}`])
      assert.equal((await at('/name.txt', `If-Match: ${value}`)).status, 200, value);
    for (const value of ['"a"', `W/${etag}`, ''])
      assert.equal((await at('/name.txt', `If-Match: ${value}`)).status, 412, value);
  });

  it('dates are taken in all three forms; what is no date does not count', async () => {
    for (const value of [
      'Fri, 14 Jul 2017 02:40:00 GMT',
      'Friday, 14-Jul-17 02:40:00 GMT',
      'Fri Jul 14 02:40:00 2017',
    ]) {
      assert.equal((await at('/nums.txt', `If-Modified-Since: ${value}`)).status, 304, value);
      assert.equal((await at('/nums.txt', `If-Unmodified-Since: ${value}`)).status, 200, value);
    }
    for (const value of ['Fri, 14 Jul 2017 02:39:59 GMT', 'yesterday', '', '2017-07-14T02:40:00Z', '1500000000'])
      assert.equal((await at('/nums.txt', `If-Modified-Since: ${value}`)).status, 200, value);
    assert.equal((await at('/nums.txt', 'If-Unmodified-Since: Fri, 14 Jul 2017 02:39:59 GMT')).status, 412);
    assert.equal((await at('/nums.txt', 'If-Unmodified-Since: foo')).status, 200);
  });

  it('a date in the future tells nothing, unless it is that of the file', async () => {
    assert.equal((await at('/nums.txt', 'If-Modified-Since: Thu, 01 Jan 2099 00:00:00 GMT')).status, 200);
    const late = join(root, 'late.txt');
    writeFileSync(late, 'from the future');
    utimesSync(late, 4_000_000_000, 4_000_000_000);
    const modified = (await at('/late.txt')).get('last-modified') ?? '';
    assert.equal((await at('/late.txt', `If-Modified-Since: ${modified}`)).status, 304);
  });

  it('a tag counts more than a date', async () => {
    const etag = await etagOf('/nums.txt');
    const old = 'Thu, 01 Jan 1970 00:00:00 GMT';
    assert.equal((await at('/nums.txt', `If-None-Match: ${etag}`, `If-Modified-Since: ${old}`)).status, 304);
    assert.equal(
      (await at('/nums.txt', 'If-None-Match: "a"', 'If-Modified-Since: Fri, 14 Jul 2017 02:40:00 GMT')).status,
      200,
    );
    assert.equal((await at('/nums.txt', `If-Match: ${etag}`, `If-Unmodified-Since: ${old}`)).status, 200);
  });

  it('412 comes before 304', async () => {
    const etag = await etagOf('/nums.txt');
    assert.equal((await at('/nums.txt', 'If-Match: "a"', `If-None-Match: ${etag}`)).status, 412);
  });

  it('a reload by force is answered in full', async () => {
    const etag = await etagOf('/nums.txt');
    const modified = 'If-Modified-Since: Fri, 14 Jul 2017 02:40:00 GMT';
    assert.equal((await at('/nums.txt', modified, 'Cache-Control: no-cache')).status, 200);
    assert.equal((await at('/nums.txt', `If-None-Match: ${etag}`, 'Cache-Control: max-age=0')).status, 304);
  });

  it('do not count for another status or method', async () => {
    const etag = await etagOf('/name.txt');
    assert.equal((await sent('/name.txt', { statusCode: 404 }, `If-None-Match: ${etag}`)).status, 404);
    options = {};
    const answer = await ask(
      server.port,
      requestText('POST', '/sent/name.txt', [`If-None-Match: ${etag}`, 'Range: bytes=0-0']),
    );
    assert.deepEqual([answer.status, answer.text], [200, 'tobi']);
  });

  it('a file that changes has another tag', async () => {
    const changing = join(root, 'changing.txt');
    writeFileSync(changing, 'one');
    utimesSync(changing, 1_600_000_000, 1_600_000_000);
    const etag = (await sent('/changing.txt', { cache: new FileCache() })).get('etag');
    writeFileSync(changing, 'two');
    utimesSync(changing, 1_600_000_001, 1_600_000_001);
    assert.notEqual((await sent('/changing.txt', { cache: new FileCache() })).get('etag'), etag);
  });
});

describe('Ranges (RFC 9110 14)', () => {
  for (const [range, text, shown] of [
    ['bytes=0-4', '12345', '0-4'],
    ['bytes=0-0', '1', '0-0'],
    ['bytes=-3', '789', '6-8'],
    ['bytes=3-', '456789', '3-8'],
    ['bytes=2-50', '3456789', '2-8'],
    ['bytes=-50', '123456789', '0-8'],
    ['BYTES=8-8', '9', '8-8'],
    ['bytes= 1-2', '23', '1-2'],
    ['bytes=1-2,3-5', '23456', '1-5'],
    ['bytes=20-30,1-1', '2', '1-1'],
    ['bytes=0-999999999999999', '123456789', '0-8'],
  ] as const)
    it(`${range} is ${text}`, async () => {
      const answer = await at('/nums.txt', `Range: ${range}`);
      assert.deepEqual(
        [answer.status, answer.reason, answer.text, answer.get('content-range'), answer.get('content-length')],
        [206, 'Partial Content', text, `bytes ${shown}/9`, String(text.length)],
      );
    });

  for (const range of ['bytes=9-', 'bytes=9-50', 'bytes=-0', 'bytes=100-', 'bytes=20-30,40-'])
    it(`${range} is not satisfiable`, async () => {
      const answer = await at('/nums.txt', `Range: ${range}`);
      assert.deepEqual([answer.status, answer.get('content-range')], [416, 'bytes */9']);
      for (const name of ['etag', 'last-modified', 'content-disposition']) assert.equal(answer.get(name), undefined);
    });

  for (const range of [
    'items=0-5',
    'asdf',
    'bytes',
    'bytes=',
    'bytes=-',
    'bytes=a-b',
    'bytes=5-1',
    'bytes=1-2-3',
    'bytes=1.5-2',
    'bytes=0-5,1-2',
    'bytes=1-1,x',
    `bytes=${'0-,'.repeat(999)}0-`,
    `bytes=${Array.from({ length: 17 }, (_, index) => `${index}-${index}`).join()}`,
  ])
    it(`T35 ${range.slice(0, 30)} gives the whole file`, async () => {
      const answer = await at('/nums.txt', `Range: ${range}`);
      assert.deepEqual([answer.status, answer.text, answer.get('content-range')], [200, '123456789', undefined]);
    });

  it('several are sent as parts, byte for byte, in the order asked', async () => {
    const answer = await at('/nums.txt', 'Range: bytes=7-8,1-1,3-4');
    assert.equal(answer.status, 206);
    assert.equal(answer.get('content-range'), undefined);
    const boundary = /^multipart\/byteranges; boundary=(\w+)$/.exec(answer.get('content-type') ?? '')?.[1] ?? '';
    const part = (range: string, text: string): string =>
      `\r\n--${boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes ${range}/9\r\n\r\n${text}`;
    assert.equal(answer.text, `${part('7-8', '89')}${part('1-1', '2')}${part('3-4', '45')}\r\n--${boundary}--\r\n`);
    assert.equal(Number(answer.get('content-length')), answer.body.length);
  });

  it('If-Range: the strong tag or the exact date, else the whole file', async () => {
    const etag = (await at('/nums.txt')).get('etag') ?? '';
    for (const [value, status] of [
      [etag, 206],
      ['Fri, 14 Jul 2017 02:40:00 GMT', 206],
      [`W/${etag}`, 200],
      ['"other"', 200],
      ['Fri, 14 Jul 2017 02:40:01 GMT', 200],
      ['Fri, 14 Jul 2017 02:39:59 GMT', 200],
      ['garbage', 200],
    ] as const)
      assert.equal((await at('/nums.txt', 'Range: bytes=0-0', `If-Range: ${value}`)).status, status, value);
    assert.equal((await at('/nums.txt', 'Range: bytes=100-', 'If-Range: "other"')).status, 200);
  });

  it('HEAD does not know ranges', async () => {
    const answer = await headOf('/nums.txt', 'Range: bytes=0-0');
    assert.deepEqual([answer.status, answer.get('content-length'), answer.get('content-range')], [200, '9', undefined]);
  });

  it('a condition comes before a range', async () => {
    const etag = (await at('/nums.txt')).get('etag') ?? '';
    assert.equal((await at('/nums.txt', 'Range: bytes=0-0', `If-None-Match: ${etag}`)).status, 304);
    assert.equal((await at('/nums.txt', 'Range: bytes=0-0', 'If-Match: "a"')).status, 412);
    assert.equal((await at('/nums.txt', 'Range: bytes=0-0', 'If-None-Match: "a"')).status, 206);
  });
});

describe('headOnly', () => {
  it('FR10 announces the file and ends the connection, so that no other answer is taken for its bytes', async () => {
    options = { headOnly: true };
    for (const headers of [[], ['Range: bytes=1-1,3-3']]) {
      const client = await RawClient.open(server.port);
      client.send(get('/sent/nums.txt', ...headers) + get('/name.txt'));
      const answer = await client.response({ head: true });
      assert.ok(Number(answer.get('content-length')) >= 9);
      assert.equal(answer.get('connection'), 'close');
      assert.equal(await client.closed(), '');
    }
  });

  it('FR10 of a HEAD request needs no end', async () => {
    options = { headOnly: true };
    const answer = await headOf('/sent/nums.txt');
    assert.deepEqual([answer.get('content-length'), answer.get('connection')], ['9', 'keep-alive']);
  });
});

describe('Without a root folder', () => {
  it('every file is missing', async (t) => {
    const none = await startServer([]);
    const gone = await startServer([], { rootPath: join(root, 'was', 'never', 'there') });
    t.after(() => Promise.all([none.stop(), gone.stop()]));
    for (const { port } of [none, gone])
      for (const path of ['/', '/name.txt', '/..%2fname.txt'])
        assert.ok([403, 404].includes((await ask(port, get(path))).status));
  });
});
