import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compilePattern } from '../../../src/routing/path-pattern.js';
import { splitPath } from '../../../src/routing/path-split.js';
import { type RouteRule, RouteTable, RuleError, findShadowedRules } from '../../../src/routing/route-table.js';

const table = (...rules: (string | Omit<RouteRule<number>, 'value'>)[]): RouteTable<number> =>
  new RouteTable(rules.map((rule, value) => (typeof rule === 'string' ? { path: rule, value } : { ...rule, value })));
const indexOf = (routes: RouteTable<number>, method: string, path: string, upgrade = false): number | undefined => {
  const match = routes.match(method, path, { upgrade });
  return match.kind === 'match' ? match.index : undefined;
};

describe('a route table', () => {
  it('SV8 takes the first rule in order that matches', () => {
    assert.equal(indexOf(table('/a/<x>', '/a/b'), 'GET', '/a/b'), 0);
    assert.equal(indexOf(table('/a/b', '/a/<x>'), 'GET', '/a/b'), 0);
    assert.equal(indexOf(table('/a/b', '/a/<x>'), 'GET', '/a/c'), 1);
    assert.equal(indexOf(table('/x', '/a/*', '/a/b'), 'GET', '/a/b'), 1);
  });

  it('RT2 takes GET where a rule names no methods, any where it names an empty list', () => {
    assert.equal(indexOf(table('/a'), 'POST', '/a'), undefined);
    assert.equal(indexOf(table({ path: '/a', methods: [] }), 'BREW', '/a'), 0);
    assert.equal(indexOf(table({ path: '/a', methods: ['BREW'] }), 'BREW', '/a'), 0);
    assert.equal(indexOf(table({ path: '/a', methods: ['brew'] }), 'BREW', '/a'), undefined);
  });

  it('RT14 gives the values of the pattern', () => {
    const match = table('/x', '/d/<id>/*').match('GET', '/d/7/a/b');
    assert.equal(match.kind, 'match');
    assert.deepEqual(match.kind === 'match' && [match.value, match.params, match.pattern.source, match.flags], [
      1,
      { id: '7', '0': 'a/b' },
      '/d/<id>/*',
      { get: true },
    ]);
  });

  it('T07 serves HEAD by a GET rule, in order', () => {
    assert.equal(indexOf(table('/a', { path: '/a', methods: ['HEAD'] }), 'HEAD', '/a'), 0);
    assert.equal(indexOf(table({ path: '/a', methods: ['HEAD'] }, '/a'), 'HEAD', '/a'), 0);
    assert.equal(indexOf(table({ path: '/a', methods: ['HEAD'] }, '/a'), 'GET', '/a'), 1);
  });

  it('takes an upgrade as a GET, and "WEBSOCKET" for upgrades only', () => {
    const routes = table({ path: '/a', methods: ['WEBSOCKET'] }, '/a', { path: '/b', methods: [] });
    assert.equal(indexOf(routes, 'GET', '/a', true), 0);
    assert.equal(indexOf(routes, 'GET', '/a'), 1);
    assert.equal(indexOf(routes, 'GET', '/b', true), 2);
  });

  it('T07 tells a known path with other methods: a list for Allow', () => {
    const routes = table('/a', { path: '/<x>', methods: ['PUT', 'DELETE'] }, { path: '/a', methods: ['WEBSOCKET'] });
    assert.deepEqual(routes.match('POST', '/a'), {
      kind: 'method',
      allow: ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PUT'],
    });
    assert.deepEqual(routes.match('POST', '/a/b'), { kind: 'none' });
  });

  it('names the first rule that cannot be compiled', () => {
    assert.throws(
      () => table('/a', 'b', 'c'),
      (error: unknown) =>
        error instanceof RuleError &&
        error.index === 1 &&
        error.message === 'Rule 2: "b" is not a valid path: Path must start with a slash. (at position 1)',
    );
    assert.throws(() => table({ path: '/a', methods: ['GET, POST'] }), {
      message: 'Rule 1: "GET, POST" is not a valid method name.',
    });
  });

  it('T49 refuses a broken escape, whatever the rules', () => {
    assert.throws(() => table('/a').match('GET', '/%zz'), { code: 'BAD_ESCAPE' });
  });

  it('T48 looks at few rules, however many there are', () => {
    let looked = 0;
    const rules = Array.from({ length: 10_000 }, (_, value) => ({
      path: value % 2 ? `/r${value}/<x>/....` : `/<y>/k${value}`,
      get methods() {
        return ['GET'];
      },
      value,
    }));
    const routes = new RouteTable(rules);
    const spied = routes.match('GET', '/r9999/1/2');
    assert.equal(spied.kind === 'match' && spied.index, 9999);
    const begun = process.cpuUsage();
    for (let round = 0; round < 2000; round += 1) if (routes.match('GET', '/r9999/1/2').kind === 'match') looked += 1;
    assert.equal(looked, 2000);
    // 50 µs a look-up would be 100 ms; ten times that fails only when the rules are scanned.
    assert.ok(process.cpuUsage(begun).user < 1_000_000);
  });

  it('T48 is not slowed by paths made to be slow', () => {
    const routes = table('/..../a/..../a/..../a/..../b', '/<x>/..../<y>/..../c', '/..../..../..../d');
    const begun = process.cpuUsage();
    assert.equal(indexOf(routes, 'GET', '/a'.repeat(8000)), undefined);
    assert.ok(process.cpuUsage(begun).user < 2_000_000);
  });
});

describe('rules that can never serve', () => {
  it('are found: the same path and every method earlier', () => {
    assert.deepEqual(
      findShadowedRules([{ path: '/a/<x>' }, { path: '/a/:y' }, { path: '/a/<x>', methods: ['GET', 'POST'] }]),
      [1],
    );
    assert.deepEqual(
      findShadowedRules([
        { path: '/a', methods: [] },
        { path: '/a', methods: ['POST'] },
        { path: '/a', methods: [] },
      ]),
      [1, 2],
    );
    assert.deepEqual(findShadowedRules([{ path: '/a' }, { path: '/a', appendSlash: true }, { path: 'bad' }]), []);
  });
});

/** The meaning of a pattern in the plainest way: try every split. */
function naiveMatch(pattern: string, appendSlash: boolean, path: string): boolean {
  const tokens = pattern.slice(1).split('/');
  const fits = (token: number, segments: string[]): boolean => {
    if (token === tokens.length)
      return segments.length === 0 || (appendSlash && segments.length === 1 && segments[0] === '');
    const wanted = tokens[token] ?? '';
    if (wanted === '*' && token === tokens.length - 1) return segments.length > 0;
    if (wanted === '....') {
      for (let taken = 1; taken <= segments.length; taken += 1)
        if (segments.slice(0, taken).join('/') !== '' && fits(token + 1, segments.slice(taken))) return true;
      return false;
    }
    const [first, ...rest] = segments;
    if (first === undefined) return false;
    const isSingle = wanted === '...' || /^<\w+>$/.test(wanted);
    return (isSingle ? first !== '' : first === wanted) && fits(token + 1, rest);
  };
  return fits(0, path.slice(1).split('/'));
}

const token = fc.constantFrom('a', 'b', '<x>', '<y>', '...', '....');
const pattern = fc
  .tuple(fc.array(token, { minLength: 1, maxLength: 5 }), fc.constantFrom('', '/*', '/'))
  .map(([tokens, end]) => `/${tokens.join('/')}${end}`);
const path = fc
  .array(fc.constantFrom('a', 'b', 'c', ''), { minLength: 1, maxLength: 7 })
  .map((segments) => `/${segments.join('/')}`);
const rule = fc.record({
  path: pattern,
  methods: fc.constantFrom(undefined, [], ['GET'], ['POST'], ['HEAD'], ['WEBSOCKET'], ['GET', 'POST']),
  slash: fc.boolean(),
});

describe('against a naive matcher', () => {
  it('a pattern matches the same paths', () => {
    fc.assert(
      fc.property(pattern, fc.boolean(), path, (source, slash, target) => {
        const appendSlash = slash && !source.endsWith('/');
        const compiled = compilePattern(source, { appendSlash });
        assert.equal(
          compiled.match(splitPath(target)) !== undefined,
          naiveMatch(source, appendSlash, target),
          `${source} on ${target}`,
        );
      }),
      { numRuns: 3000 },
    );
  });

  it('a table takes the same rule', () => {
    fc.assert(
      fc.property(
        fc.array(rule, { minLength: 1, maxLength: 12 }),
        path,
        fc.constantFrom('GET', 'POST', 'HEAD', 'PUT'),
        fc.boolean(),
        (rules, target, method, wantsUpgrade) => {
          const upgrade = wantsUpgrade && method === 'GET';
          const built = rules.map(({ path: source, methods, slash }, value) => ({
            path: source,
            methods,
            appendSlash: slash && !source.endsWith('/'),
            value,
          }));
          const takes = ({ methods = ['GET'] }: { methods?: readonly string[] | undefined }): boolean =>
            methods.length === 0 ||
            methods.includes(method) ||
            (method === 'HEAD' && methods.includes('GET')) ||
            (upgrade && methods.includes('WEBSOCKET'));
          const byPath = built.filter((one) => naiveMatch(one.path, one.appendSlash, target));
          const expected = byPath.find(takes);
          const match = new RouteTable(built).match(method, target, { upgrade });
          if (expected) assert.equal(match.kind === 'match' && match.index, expected.value);
          else assert.equal(match.kind, byPath.length > 0 ? 'method' : 'none');
        },
      ),
      { numRuns: 3000 },
    );
  });
});
