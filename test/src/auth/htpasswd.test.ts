import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import bcrypt from 'bcryptjs';
import { HashQueue } from '../../../src/auth/hash-queue.js';
import { parseHtpasswd } from '../../../src/auth/htpasswd.js';
import { Access, HttpError, hashPassword } from '../../../src/index.js';
import { basicHeader, request } from './requests.js';

const queue = new HashQueue();
const hash = bcrypt.hashSync('secret', 4);

describe('a password file', () => {
  it('holds users with bcrypt and scrypt hashes, comments, blank lines and any line ends', async () => {
    const text = `# staff\r\nann:${hash}\r\n\r\nbob:${await hashPassword('word')}\n  \nZoé:${hash.replace('$2b$', '$2y$')}`;
    const users = parseHtpasswd(text, queue);
    assert.equal(await users.check('ann', 'secret'), true);
    assert.equal(await users.check('bob', 'word'), true);
    assert.equal(await users.check('Zoé', 'secret'), true);
    assert.equal(await users.check('ann', 'word'), false);
    assert.equal(await users.check('# staff', ''), false);
  });

  it('T57 with a line that cannot be used counts for nothing, and the reason does not quote it', () => {
    const lines: [string, RegExp][] = [
      ['ann:plain-text', /^Error: line 2 of the password file holds no bcrypt hash/],
      ['ann:$apr1$abc$def', /^Error: line 2 /],
      ['ann:{SHA}2jmj7l5rSw0yVb/vlWAYkK/YBwk=', /^Error: line 2 /],
      ['ann', /^Error: line 2 of the password file is not name:hash$/],
      [`:${hash}`, /^Error: line 2 of the password file is not name:hash$/],
      [`ann:${hash.slice(0, -1)}`, /^Error: line 2 /],
    ];
    for (const [line, reason] of lines) {
      assert.throws(() => parseHtpasswd(`bob:${hash}\n${line}\n`, queue), reason);
      assert.throws(
        () => parseHtpasswd(`bob:${hash}\n${line}\n`, queue),
        (error: Error) => !error.message.includes('plain-text'),
      );
    }
    assert.throws(() => parseHtpasswd('# nobody\n', queue), /^Error: the password file holds no user$/);
  });
});

describe('access by a password file', () => {
  let folder: string;
  let path: string;
  const problems: string[] = [];
  let access: Access;
  const kind = async (name: string, password: string): Promise<string> =>
    (await access.check(request(basicHeader(name, password)))).kind;
  const becomes = async (name: string, password: string, expected: string): Promise<void> => {
    for (let left = 200; (await kind(name, password)) !== expected; left -= 1) {
      assert.ok(left > 0, `does not become ${expected}`);
      await sleep(50);
    }
  };

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'htpasswd-'));
    path = join(folder, 'users');
    writeFileSync(path, `ann:${hash}\n`);
    access = new Access({
      realm: 'R',
      entries: [{ scheme: 'htpasswd', path }],
      onProblem: (problem) => problems.push(problem),
    });
  });
  after(() => rmSync(folder, { recursive: true }));

  it('lets in who it names', async () => {
    assert.deepEqual(await access.check(request(basicHeader('ann', 'secret'))), {
      kind: 'granted',
      user: { name: 'ann', scheme: 'htpasswd' },
    });
    assert.equal(await kind('ann', 'Secret'), 'refused');
    assert.equal(await kind('bob', 'secret'), 'refused');
    assert.equal(access.problem, '');
  });

  it('T57 is read anew when it was replaced, and remembers nobody from before', async () => {
    writeFileSync(`${path}.new`, `bob:${hash}\n`);
    renameSync(`${path}.new`, path);
    await becomes('bob', 'secret', 'granted');
    assert.equal(await kind('ann', 'secret'), 'refused');
  });

  it('T57 with a bad line lets nobody in, says why, and comes back by itself', async () => {
    writeFileSync(path, `bob:${hash}\nann:oops\n`);
    await becomes('bob', 'secret', 'unusable');
    writeFileSync(path, `bob:${hash}\n`);
    await becomes('bob', 'secret', 'granted');
    access.probe();
    for (let left = 200; problems.length < 2 && left > 0; left -= 1) await sleep(20);
    assert.deepEqual(problems, ['line 2 of the password file holds no bcrypt hash: make it with htpasswd -B', '']);
  });

  it('T57 that is deleted, a folder, or too large lets nobody in', async () => {
    unlinkSync(path);
    await becomes('bob', 'secret', 'unusable');
    writeFileSync(path, `bob:${hash}\n#${'x'.repeat(1024 * 1024)}`);
    await becomes('bob', 'secret', 'unusable');
    writeFileSync(path, `bob:${hash}\n`);
    await becomes('bob', 'secret', 'granted');
    rmSync(path);
    mkdirSync(path);
    await becomes('bob', 'secret', 'unusable');
  });
});

describe('access', () => {
  it('without an entry is unusable', () => {
    const access = new Access({ realm: 'R', entries: [] });
    assert.deepEqual(access.check(request()), { kind: 'unusable', reason: 'there is no usable entry' });
  });

  it('takes any one of its entries, and a broken file does not stop the others', async () => {
    const access = new Access({
      realm: 'R',
      entries: [
        { scheme: 'htpasswd', path: '/nowhere/users' },
        { scheme: 'basic', username: 'ann', password: 'x' },
        { scheme: 'token', token: 't', name: 'kiosk', from: 'header' },
      ],
    });
    assert.equal((await access.check(request(basicHeader('ann', 'x')))).kind, 'granted');
    assert.equal((await access.check(request('Token t'))).kind, 'granted');
    // Whether the file would have let this one in cannot be told.
    assert.equal((await access.check(request(basicHeader('bob', 'x')))).kind, 'unusable');
  });

  it('T51 T52 challenges once for each scheme, and names an invalid token', async () => {
    const access = new Access({
      realm: 'a "b" \\c',
      entries: [
        { scheme: 'basic', username: 'ann', password: 'x' },
        { scheme: 'basic', username: 'bob', password: 'x' },
        { scheme: 'bearer', token: 't', name: '', from: 'header' },
        { scheme: 'jwt', secret: 's', issuer: '', audience: '', algorithms: [], from: 'header' },
      ],
    });
    const challenges = async (header?: string): Promise<unknown> => {
      const result = await access.check(request(header));
      assert.equal(result.kind, 'refused');
      assert.ok(result.error instanceof HttpError);
      assert.equal(result.error.status, 401);
      return result.error.headers?.['WWW-Authenticate'];
    };
    const realm = 'realm="a \\"b\\" \\\\c"';
    assert.deepEqual(await challenges(), [`Bearer ${realm}`, `Basic ${realm}, charset="UTF-8"`]);
    assert.deepEqual(await challenges('bearer wrong'), [
      `Bearer ${realm}, error="invalid_token"`,
      `Basic ${realm}, charset="UTF-8"`,
    ]);
    // A token of another kind is not what a Bearer challenge speaks of.
    assert.deepEqual(await challenges('token wrong'), [`Bearer ${realm}`, `Basic ${realm}, charset="UTF-8"`]);
    assert.deepEqual(await challenges(basicHeader('ann', 'y')), [`Bearer ${realm}`, `Basic ${realm}, charset="UTF-8"`]);
  });
});
