import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PatternError, compareSpecificity, compilePattern } from '../../../src/routing/path-pattern.js';
import { splitPath } from '../../../src/routing/path-split.js';

const match = (
  pattern: string,
  path: string,
  options?: { appendSlash?: boolean },
): Record<string, string> | undefined => compilePattern(pattern, options).match(splitPath(path));

const refuses = (pattern: string, position: number, reason: string, options?: { appendSlash?: boolean }): void => {
  assert.throws(
    () => compilePattern(pattern, options),
    (error: unknown) => {
      assert.ok(error instanceof PatternError);
      assert.equal(error.reason, reason);
      assert.equal(error.position, position);
      assert.equal(error.message, `"${pattern}" is not a valid path: ${reason} (at position ${position + 1})`);
      return true;
    },
  );
};

describe('literal paths', () => {
  it('RT3 match whole, case matters, dots are dots', () => {
    assert.deepEqual(match('/a.b', '/a.b'), {});
    assert.equal(match('/a.b', '/axb'), undefined);
    assert.equal(match('/a', '/A'), undefined);
    assert.equal(match('/a', '/a/b'), undefined);
    assert.equal(match('/a', '/'), undefined);
    assert.deepEqual(match('/', '/'), {});
  });

  it('RT4 distinguish a trailing slash', () => {
    assert.equal(match('/example', '/example/'), undefined);
    assert.deepEqual(match('/example/', '/example/'), {});
    assert.equal(match('/example/', '/example'), undefined);
  });

  it('RT5 with append_slash match zero or one trailing slash', () => {
    assert.deepEqual(match('/a', '/a', { appendSlash: true }), {});
    assert.deepEqual(match('/a', '/a/', { appendSlash: true }), {});
    assert.equal(match('/a', '/a//', { appendSlash: true }), undefined);
    assert.deepEqual(match('/a/<x>', '/a/1/', { appendSlash: true }), { x: '1' });
    refuses('/a/', 2, 'Cannot use append_slash=True when path ends with /', { appendSlash: true });
    refuses('/', 0, 'Cannot use append_slash=True when path ends with /', { appendSlash: true });
  });

  it('RT12 take .. and . as text', () => {
    assert.deepEqual(match('/..', '/..'), {});
    assert.deepEqual(match('/./a', '/./a'), {});
  });

  it('RT13 take every other character as text', () => {
    for (const path of [
      '/a+b',
      '/a[',
      '/a(b)',
      '/$',
      '/^a|b',
      '/a?',
      '/{x}',
      '/a*b',
      '/*/b',
      '/time:now',
      '/a<b',
      '/a>',
    ])
      assert.deepEqual(match(path, path), {}, path);
    assert.equal(match('/a+b', '/aab'), undefined);
    assert.equal(match('/*/b', '/x/b'), undefined);
  });

  it('are compared with decoded segments', () => {
    assert.deepEqual(match('/a b', '/a%20b'), {});
    assert.equal(match('/a%20b', '/a%20b'), undefined);
    assert.equal(match('/a/b', '/a%2Fb'), undefined);
  });
});

describe('parameters', () => {
  it('RT6 take one segment that is not empty, decoded', () => {
    assert.deepEqual(match('/<x>', '/a%20b'), { x: 'a b' });
    assert.deepEqual(match('/<x>', '/a%2Fb'), { x: 'a/b' });
    assert.deepEqual(match('/d/<x>/e', '/d/1.2/e'), { x: '1.2' });
    assert.equal(match('/<x>', '/'), undefined);
    assert.equal(match('/<x>', '/a/b'), undefined);
    assert.equal(match('/<x>', '/a/'), undefined);
  });

  it('may be written with a colon', () => {
    assert.deepEqual(match('/device/:id', '/device/7'), { id: '7' });
    assert.equal(compilePattern('/device/:id').canonical, compilePattern('/device/<other>').canonical);
  });

  it('RT6 of the same name: the last wins', () => {
    assert.deepEqual(match('/<x>/<x>', '/1/2'), { x: '2' });
  });

  it('T21 never reach the prototype', () => {
    assert.deepEqual(match('/<__proto__>/<constructor>/<x>', '/1/2/3'), { x: '3' });
    assert.equal(({} as { polluted?: string }).polluted, undefined);
  });

  it('RT11 are refused with position and reason', () => {
    refuses('a', 0, 'Path must start with a slash.');
    refuses('', 0, 'Path must start with a slash.');
    refuses('/a//b', 2, 'Path cannot contain double slashes.');
    refuses('/a/<>', 3, 'All URL parameters must be named.');
    refuses('/a/:', 3, 'All URL parameters must be named.');
    refuses('/a<b>', 2, 'All URL parameters must be between slashes.');
    refuses('/<a>b', 1, 'All URL parameters must be between slashes.');
    refuses('/<x>.json', 1, 'All URL parameters must be between slashes.');
    refuses('/<a-b>', 3, 'A parameter name consists of letters, digits and underscores only.');
    refuses('/x/:a-b', 5, 'A parameter name consists of letters, digits and underscores only.');
    refuses('/a...', 2, '... and .... must be between slashes');
    refuses('/...a', 1, '... and .... must be between slashes');
    refuses('/b/x....', 4, '... and .... must be between slashes');
    refuses('/a/.....', 3, 'Path cannot contain more than 4 dots in a row.');
  });
});

describe('wildcards', () => {
  it('RT7 ... takes one segment that is not empty', () => {
    assert.deepEqual(match('/api/...', '/api/123'), { '0': '123' });
    assert.equal(match('/api/...', '/api/123/456'), undefined);
    assert.equal(match('/api/...', '/api/'), undefined);
  });

  it('RT8 .... takes one character or more, slashes included', () => {
    assert.deepEqual(match('/api/....', '/api/1/'), { '0': '1/' });
    assert.deepEqual(match('/api/....', '/api/1/2/3'), { '0': '1/2/3' });
    assert.equal(match('/api/....', '/api/'), undefined);
    assert.equal(match('/api/....', '/api'), undefined);
    assert.deepEqual(match('/e/..../s', '/e/a//b/s'), { '0': 'a//b' });
    assert.deepEqual(match('/e/..../s', '/e///s'), { '0': '/' });
    assert.equal(match('/e/..../s', '/e//s'), undefined);
  });

  it('RT9 never match an empty segment', () => {
    assert.equal(match('/api/.../users', '/api//users'), undefined);
    assert.equal(match('/api/.../users', '/api/users'), undefined);
  });

  it('RT10 combine with parameters, numbered in order', () => {
    assert.deepEqual(match('/.../<x>', '/a/b'), { '0': 'a', x: 'b' });
    assert.deepEqual(match('/.../..../<x>/*', '/a/b/c/d/e'), { '0': 'a', '1': 'b', x: 'c', '2': 'd/e' });
  });

  it('/* at the end takes anything, nothing included', () => {
    assert.deepEqual(match('/a/*', '/a/'), { '0': '' });
    assert.deepEqual(match('/a/*', '/a/b/c'), { '0': 'b/c' });
    assert.equal(match('/a/*', '/a'), undefined);
    assert.deepEqual(match('/*', '/'), { '0': '' });
    assert.deepEqual(match('/a/*', '/a//'), { '0': '/' });
  });

  it('of several, each takes as little as it can', () => {
    assert.deepEqual(match('/..../x/....', '/a/x/b/x/c'), { '0': 'a', '1': 'b/x/c' });
  });

  it('T48 cost no more than the length of the path, however they are mixed', () => {
    const pattern = compilePattern('/..../a/..../a/..../a/..../b');
    const begun = process.cpuUsage();
    assert.equal(pattern.match(splitPath('/a'.repeat(8000))), undefined);
    assert.ok(process.cpuUsage(begun).user < 1_000_000);
  });
});

describe('specificity', () => {
  it('orders segment by segment: literal, <name>, ..., ...., /*', () => {
    const sorted = ['/*', '/....', '/...', '/<x>', '/a', '/a/*', '/a/....', '/a/<x>', '/a/b'];
    const result = [...sorted]
      .map((path) => compilePattern(path))
      .sort(compareSpecificity)
      .map(({ source }) => source);
    assert.deepEqual(result, ['/a/b', '/a/<x>', '/a/....', '/a/*', '/a', '/<x>', '/...', '/....', '/*']);
  });

  it('calls patterns equal that differ only in names', () => {
    assert.equal(compareSpecificity(compilePattern('/a/<x>'), compilePattern('/a/:y')), 0);
  });
});

describe('splitPath', () => {
  it('splits at every slash and decodes each segment once', () => {
    assert.deepEqual(splitPath('/'), ['']);
    assert.deepEqual(splitPath('/a//b/'), ['a', '', 'b', '']);
    assert.deepEqual(splitPath('/%252F'), ['%2F']);
    assert.deepEqual(splitPath('/%C3%BC;x=1/..'), ['ü;x=1', '..']);
  });

  it('T49 refuses a broken escape and escapes that are no UTF-8', () => {
    for (const path of ['/%', '/%z', '/%zz', '/a/%e', '/%ff', '/%c0%ae'])
      assert.throws(() => splitPath(path), { code: 'BAD_ESCAPE', status: 400 });
  });
});
