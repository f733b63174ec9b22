/** Which addresses a path pattern takes and what it hands on, row by row, as requests on a socket. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { RouteTable, compilePattern } from '../../src/index.js';
import { ask, get } from '../support/raw-client.js';
import { type TestServer, startServer } from '../support/test-server.js';

/** A pattern, the addresses it takes with their parameters, and the addresses it does not take. */
interface Row {
  readonly pattern: string;
  readonly appendSlash?: boolean;
  readonly takes: readonly (readonly [path: string, params: Record<string, string>])[];
  readonly leaves: readonly string[];
}

const rows: readonly Row[] = [
  {
    pattern: '/',
    takes: [
      ['/', {}],
      ['/?a=b', {}],
    ],
    leaves: ['/a', '//'],
  },
  {
    pattern: '/a',
    takes: [
      ['/a', {}],
      ['/%61', {}],
    ],
    leaves: ['/A', '/a/', '/ab', '/', '//a', '/a/b'],
  },
  { pattern: '/a/', takes: [['/a/', {}]], leaves: ['/a', '/a//', '/a/b'] },
  {
    pattern: '/a',
    appendSlash: true,
    takes: [
      ['/a', {}],
      ['/a/', {}],
    ],
    leaves: ['/a//', '/a/b', '/'],
  },
  { pattern: '/a.b', takes: [['/a.b', {}]], leaves: ['/axb', '/a'] },
  { pattern: '/a b/ü', takes: [['/a%20b/%C3%BC', {}]], leaves: ['/a+b/%C3%BC', '/a%20b/u'] },
  { pattern: '/a+b(c)[d]', takes: [['/a+b(c)[d]', {}]], leaves: ['/aab(c)[d]', '/a+bcd'] },
  { pattern: '/*/x', takes: [['/*/x', {}]], leaves: ['/a/x', '/x'] },
  { pattern: '/a:b', takes: [['/a:b', {}]], leaves: ['/a', '/ab'] },
  { pattern: '/..', takes: [['/..', {}]], leaves: ['/', '/a'] },
  {
    pattern: '/<id>',
    takes: [
      ['/7', { id: '7' }],
      ['/a.b', { id: 'a.b' }],
      ['/a%2Fb', { id: 'a/b' }],
      ['/%20', { id: ' ' }],
      ['/%2e%2e', { id: '..' }],
      ['/..', { id: '..' }],
    ],
    leaves: ['/', '/a/', '/a/b', '//a'],
  },
  {
    pattern: '/:id',
    takes: [
      ['/7', { id: '7' }],
      ['/%25', { id: '%' }],
    ],
    leaves: ['/', '/7/'],
  },
  {
    pattern: '/<id>',
    appendSlash: true,
    takes: [
      ['/7', { id: '7' }],
      ['/7/', { id: '7' }],
    ],
    leaves: ['/7//', '//'],
  },
  {
    pattern: '/<a>/to/<b>',
    takes: [
      ['/1/to/2', { a: '1', b: '2' }],
      ['/to/to/to', { a: 'to', b: 'to' }],
    ],
    leaves: ['/1/2', '/1/to/', '//to/2', '/1/to/2/3', '/1/TO/2'],
  },
  { pattern: '/<a>/<a>', takes: [['/1/2', { a: '2' }]], leaves: ['/1'] },
  {
    pattern: '/...',
    takes: [
      ['/x', { 0: 'x' }],
      ['/a%2Fb', { 0: 'a/b' }],
    ],
    leaves: ['/', '/x/', '/x/y'],
  },
  {
    pattern: '/api/.../users',
    takes: [['/api/v1/users', { 0: 'v1' }]],
    leaves: ['/api//users', '/api/users', '/api/v1/x/users'],
  },
  { pattern: '/.../<x>', takes: [['/a/b', { 0: 'a', x: 'b' }]], leaves: ['/a', '/a/b/c'] },
  {
    pattern: '/api/....',
    takes: [
      ['/api/1', { 0: '1' }],
      ['/api/1/', { 0: '1/' }],
      ['/api/1/2/3', { 0: '1/2/3' }],
      ['/api//1', { 0: '/1' }],
      ['/api/a%2Fb/c', { 0: 'a/b/c' }],
    ],
    leaves: ['/api', '/api/', '/ap'],
  },
  {
    pattern: '/e/..../s',
    takes: [
      ['/e/a/s', { 0: 'a' }],
      ['/e/a/b/s', { 0: 'a/b' }],
      ['/e/a//b/s', { 0: 'a//b' }],
      ['/e/s/s/s', { 0: 's/s' }],
    ],
    leaves: ['/e/s', '/e//s', '/e/a/s/', '/e/a'],
  },
  {
    pattern: '/..../a/..../b',
    takes: [
      ['/1/a/2/b', { 0: '1', 1: '2' }],
      ['/1/a/a/2/b', { 0: '1', 1: 'a/2' }],
      ['/x/y/a/z/b/b', { 0: 'x/y', 1: 'z/b' }],
    ],
    leaves: ['/a/2/b', '/1/a/b', '/1/a/2/b/c'],
  },
  {
    pattern: '/.../....',
    takes: [
      ['/a/b', { 0: 'a', 1: 'b' }],
      ['/a/b/c', { 0: 'a', 1: 'b/c' }],
    ],
    leaves: ['/a', '/a/'],
  },
  {
    pattern: '/files/*',
    takes: [
      ['/files/', { 0: '' }],
      ['/files/a', { 0: 'a' }],
      ['/files/a/b/', { 0: 'a/b/' }],
      ['/files//', { 0: '/' }],
      ['/files/%2e%2e/x', { 0: '../x' }],
    ],
    leaves: ['/files', '/file/', '/Files/a'],
  },
  {
    pattern: '/*',
    takes: [
      ['/', { 0: '' }],
      ['/a/b', { 0: 'a/b' }],
      ['//', { 0: '/' }],
    ],
    leaves: [],
  },
  {
    pattern: '/<user>/files/*',
    takes: [
      ['/joe/files/', { user: 'joe', 0: '' }],
      ['/joe/files/a/b', { user: 'joe', 0: 'a/b' }],
    ],
    leaves: ['/joe/files', '//files/a'],
  },
  { pattern: '/.../x/*', takes: [['/a/x/b/c', { 0: 'a', 1: 'b/c' }]], leaves: ['/a/x', '/x/b'] },
];

let server: TestServer;
const tables = rows.map(
  ({ pattern, appendSlash = false }) => new RouteTable([{ path: pattern, appendSlash, methods: [], value: pattern }]),
);

before(async () => {
  server = await startServer(({ request, response }) => {
    const table = tables[Number(request.headers['x-row'])];
    const match = table?.match(request.method ?? '', request.path);
    if (match?.kind === 'match') response.json(match.params);
    else response.status(404).send(match?.kind);
  });
});
after(() => server.stop());

for (const [index, { pattern, appendSlash = false, takes, leaves }] of rows.entries())
  describe(`${pattern}${appendSlash ? ' with appendSlash' : ''}`, () => {
    for (const [path, params] of takes)
      it(`takes ${path} with ${JSON.stringify(params)}`, async () => {
        const answer = await ask(server.port, get(path, `X-Row: ${index}`));
        assert.equal(answer.status, 200);
        assert.deepEqual(JSON.parse(answer.text), params);
      });
    for (const path of leaves)
      it(`leaves ${path}`, async () => {
        const answer = await ask(server.port, get(path, `X-Row: ${index}`));
        assert.deepEqual([answer.status, answer.text], [404, 'none']);
      });
  });

describe('All of these at once', () => {
  it('in one table: the first that takes an address is the one that gets it', () => {
    const all = new RouteTable(
      rows.map(({ pattern, appendSlash = false }, value) => ({ path: pattern, appendSlash, methods: [], value })),
    );
    const addresses = [
      ...new Set(
        rows.flatMap(({ takes, leaves }) => [...takes.map(([path]) => path.split('?', 1)[0] ?? ''), ...leaves]),
      ),
    ];
    for (const path of addresses) {
      const first = tables.findIndex((table) => table.match('GET', path).kind === 'match');
      const match = all.match('GET', path);
      assert.equal(match.kind === 'match' ? match.value : -1, first, path);
      if (match.kind === 'match') {
        const alone = tables[first]?.match('GET', path);
        assert.deepEqual(match.params, alone?.kind === 'match' ? alone.params : undefined);
      }
    }
  });

  it('with nine thousand others before them, and none of those is looked at', () => {
    const others = Array.from({ length: 9000 }, (_, index) => ({
      path: `/other/${index}/<x>/....`,
      methods: [],
      value: -1,
    }));
    const all = new RouteTable([
      ...others,
      ...rows.map(({ pattern, appendSlash = false }, value) => ({ path: pattern, appendSlash, methods: [], value })),
    ]);
    for (const { takes } of rows)
      for (const [path] of takes) {
        const match = all.match('GET', path.split('?', 1)[0] ?? '');
        assert.ok(match.kind === 'match' && match.value >= 0, path);
      }
  });

  it('mean the same under another name: the canonical form tells', () => {
    for (const [one, other] of [
      ['/a/<x>', '/a/:y'],
      ['/<a>/<b>', '/:b/:a'],
      ['/<a>/....', '/:z/....'],
    ] as const)
      assert.equal(compilePattern(one).canonical, compilePattern(other).canonical);
    const all = rows.map(({ pattern, appendSlash = false }) => compilePattern(pattern, { appendSlash }).canonical);
    assert.equal(new Set(all).size, all.length - 1, 'only "/<id>" and "/:id" are the same');
  });
});
