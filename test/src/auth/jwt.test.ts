import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { JwtAuthenticator, type JwtOptions } from '../../../src/auth/jwt.js';
import { request } from './requests.js';
import { newToken, unsignedToken } from './tokens.js';

const secret = 'a-shared-secret-of-more-than-32-bytes';
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');
const pem = (key: typeof rsa.publicKey): string => key.export({ type: 'spki', format: 'pem' }).toString();
const now = (): number => Math.floor(Date.now() / 1000);
const claims = (): Record<string, unknown> => ({ sub: 'ann', iat: now(), exp: now() + 60 });

const plain = { issuer: '', audience: '', algorithms: [], from: 'header' } as const;
const shared = (rest: Partial<JwtOptions> = {}): JwtAuthenticator =>
  new JwtAuthenticator({ ...plain, secret, ...rest });
const byKey = (key: typeof rsa.publicKey, rest: Partial<JwtOptions> = {}): JwtAuthenticator =>
  new JwtAuthenticator({ ...plain, publicKey: pem(key), ...rest });

async function kindOf(authenticator: JwtAuthenticator, token: string): Promise<string> {
  const verdict = await authenticator.authenticate(request(`Bearer ${token}`));
  return verdict.kind === 'refused' ? `refused ${verdict.presented ? 'presented' : 'absent'}` : verdict.kind;
}

/** Waits until the authenticator says so: files are looked at once a second. */
async function becomes(authenticator: JwtAuthenticator, token: string, expected: string): Promise<void> {
  for (let left = 200; (await kindOf(authenticator, token)) !== expected; left -= 1) {
    assert.ok(left > 0, `does not become ${expected}`);
    await sleep(50);
  }
}

describe('a JSON Web Token', () => {
  it('of every algorithm comes in by the key it was signed for, with its claims', async () => {
    const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const p521 = generateKeyPairSync('ec', { namedCurve: 'P-521' });
    type Row = readonly [string, JwtAuthenticator, Parameters<typeof newToken>[2]];
    const rows: Row[] = [
      ...['HS256', 'HS384', 'HS512'].map((alg): Row => [alg, shared(), secret]),
      ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'].map((alg): Row => [
        alg,
        byKey(rsa.publicKey),
        rsa.privateKey,
      ]),
      ['ES256', byKey(ec.publicKey), ec.privateKey],
      ['ES384', byKey(p384.publicKey), p384.privateKey],
      ['ES512', byKey(p521.publicKey), p521.privateKey],
      ['EdDSA', byKey(ed.publicKey), ed.privateKey],
    ];
    for (const [alg, authenticator, key] of rows) {
      const verdict = await authenticator.authenticate(
        request(`bearer ${newToken({ alg, typ: 'JWT' }, claims(), key)}`),
      );
      assert.equal(verdict.kind, 'granted', alg);
      assert.equal(verdict.user.name, 'ann');
      assert.equal(verdict.user.scheme, 'jwt');
      assert.equal(verdict.user.claims?.['sub'], 'ann');
    }
  });

  it('T55 with alg none is refused, in any spelling', async () => {
    for (const alg of ['none', 'None', 'NONE', 'nOnE', ''])
      for (const end of ['', 'AA'])
        for (const authenticator of [shared(), byKey(rsa.publicKey)])
          assert.equal(await kindOf(authenticator, unsignedToken({ alg }, claims(), end)), 'refused presented', alg);
  });

  it('T55 signed with the public key as a shared secret is refused', async () => {
    for (const alg of ['HS256', 'HS384', 'HS512'])
      for (const form of [
        pem(rsa.publicKey),
        pem(rsa.publicKey).trim(),
        rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
      ])
        assert.equal(await kindOf(byKey(rsa.publicKey), newToken({ alg }, claims(), form)), 'refused presented', alg);
  });

  it('T55 signed with a key of another kind, or another key, is refused', async () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    assert.equal(
      await kindOf(byKey(ec.publicKey), newToken({ alg: 'ES256' }, claims(), other.privateKey)),
      'refused presented',
    );
    assert.equal(
      await kindOf(byKey(ec.publicKey), newToken({ alg: 'RS256' }, claims(), rsa.privateKey)),
      'refused presented',
    );
    assert.equal(await kindOf(shared(), newToken({ alg: 'HS256' }, claims(), `${secret}x`)), 'refused presented');
    assert.equal(await kindOf(shared(), newToken({ alg: 'RS256' }, claims(), rsa.privateKey)), 'refused presented');
  });

  it('T55 that brings its own key (jwk, jku, x5u, x5c, kid) is refused', async () => {
    const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = own.publicKey.export({ format: 'jwk' });
    for (const header of [
      { jwk },
      { jku: 'http://127.0.0.1:9/jwks.json' },
      { x5u: 'http://127.0.0.1:9/cert.pem' },
      { x5c: [Buffer.from('x').toString('base64')] },
      { kid: '../../../../dev/null' },
      { kid: "' OR 1=1 --" },
    ])
      assert.equal(
        await kindOf(byKey(ec.publicKey), newToken({ alg: 'ES256', ...header }, claims(), own.privateKey)),
        'refused presented',
        Object.keys(header)[0],
      );
    // The empty key of /dev/null is nobody's secret.
    assert.equal(
      await kindOf(shared(), newToken({ alg: 'HS256', kid: '/dev/null' }, claims(), '')),
      'refused presented',
    );
  });

  it('T55 with a critical extension nobody knows is refused (RFC 7515 4.1.11)', async () => {
    assert.equal(
      await kindOf(shared(), newToken({ alg: 'HS256', crit: ['exp'], exp: 1 }, claims(), secret)),
      'refused presented',
    );
  });

  it('T55 counts in its time only, with half a minute for clocks that differ', async () => {
    const rows: readonly [string, Record<string, unknown>, string][] = [
      ['expired', { exp: now() - 60 }, 'refused presented'],
      ['just expired', { exp: now() - 10 }, 'granted'],
      ['not yet valid', { nbf: now() + 60 }, 'refused presented'],
      ['almost valid', { nbf: now() + 10 }, 'granted'],
      ['an expiry that is no number', { exp: 'tomorrow' }, 'refused presented'],
      ['without expiry', {}, 'granted'],
    ];
    for (const [what, times, expected] of rows)
      assert.equal(
        await kindOf(shared(), newToken({ alg: 'HS256' }, { sub: 'ann', ...times }, secret)),
        expected,
        what,
      );
  });

  it('T55 counts as long as the clock tolerance says', async () => {
    const rows: readonly [number, Record<string, unknown>, string][] = [
      [0, { exp: now() - 2 }, 'refused presented'],
      [0, { nbf: now() + 10 }, 'refused presented'],
      [0, { exp: now() + 60 }, 'granted'],
      [300, { exp: now() - 240 }, 'granted'],
      [300, { nbf: now() + 240 }, 'granted'],
      [300, { exp: now() - 360 }, 'refused presented'],
    ];
    for (const [clockTolerance, times, expected] of rows)
      assert.equal(
        await kindOf(shared({ clockTolerance }), newToken({ alg: 'HS256' }, times, secret)),
        expected,
        `${clockTolerance} ${JSON.stringify(times)}`,
      );
  });

  it('T52 allows what its claims say, as text or list, by either name', async () => {
    const rows: readonly [Record<string, unknown>, readonly string[] | undefined][] = [
      [{ scope: 'read write' }, ['read', 'write']],
      [{ scope: ['read', 7, ''] }, ['read']],
      [{ scp: 'read' }, ['read']],
      [{ scp: ['a', 'b'] }, ['a', 'b']],
      [{ scope: 'read', scp: 'write' }, ['read']],
      [{ scope: '' }, undefined],
      [{ scope: { read: true } }, undefined],
      [{}, undefined],
    ];
    for (const [given, expected] of rows) {
      const verdict = await shared().authenticate(request(`Bearer ${newToken({ alg: 'HS256' }, given, secret)}`));
      assert.equal(verdict.kind, 'granted');
      assert.deepEqual(verdict.user.scopes, expected, JSON.stringify(given));
    }
  });

  it('T55 needs the issuer and the audience that are demanded', async () => {
    const strict = shared({ issuer: 'https://id.example.org', audience: 'pi' });
    const rows: readonly [Record<string, unknown>, string][] = [
      [{ iss: 'https://id.example.org', aud: 'pi' }, 'granted'],
      [{ iss: 'https://id.example.org', aud: ['tv', 'pi'] }, 'granted'],
      [{ iss: 'https://id.example.org' }, 'refused presented'],
      [{ aud: 'pi' }, 'refused presented'],
      [{ iss: 'https://id.example.org.evil', aud: 'pi' }, 'refused presented'],
      [{ iss: 'https://id.example.org', aud: 'pie' }, 'refused presented'],
    ];
    for (const [given, expected] of rows)
      assert.equal(await kindOf(strict, newToken({ alg: 'HS256' }, given, secret)), expected, JSON.stringify(given));
  });

  it('T55 changed after it was signed, or cut, is refused', async () => {
    const token = newToken({ alg: 'HS256' }, claims(), secret);
    const [head = '', body = '', end = ''] = token.split('.');
    const other = Buffer.from(JSON.stringify({ ...claims(), sub: 'root' })).toString('base64url');
    for (const forged of [
      `${head}.${other}.${end}`,
      `${head}.${body}.`,
      `${head}.${body}`,
      `${head}.${body}.${end}A`,
      '..',
      'a.b.c',
    ])
      assert.equal(await kindOf(shared(), forged), 'refused presented', forged);
  });

  it('T55 of a megabyte is not even decoded', async () => {
    const big = newToken({ alg: 'HS256' }, { ...claims(), pad: 'x'.repeat(1024 * 1024) }, secret);
    assert.equal(await kindOf(shared(), big), 'refused presented');
    const large = newToken({ alg: 'HS256' }, { ...claims(), pad: 'x'.repeat(8192) }, secret);
    assert.equal(await kindOf(shared(), large), 'refused presented');
  });

  it('T55 whose claims are no object is refused', async () => {
    for (const body of ['"ann"', '[]', '7', 'null', '{'])
      assert.equal(await kindOf(shared(), newToken({ alg: 'HS256' }, body, secret)), 'refused presented', body);
  });

  it('algorithms may be narrowed, but not to those of another kind of key', async () => {
    const narrow = byKey(rsa.publicKey, { algorithms: ['PS256'] });
    assert.equal(await kindOf(narrow, newToken({ alg: 'PS256' }, claims(), rsa.privateKey)), 'granted');
    assert.equal(await kindOf(narrow, newToken({ alg: 'RS256' }, claims(), rsa.privateKey)), 'refused presented');
    assert.throws(
      () => byKey(rsa.publicKey, { algorithms: ['HS256'] }),
      /^Error: the algorithm HS256 does not fit the key$/,
    );
    assert.throws(
      () => byKey(ec.publicKey, { algorithms: ['ES384'] }),
      /^Error: the algorithm ES384 does not fit the key$/,
    );
    assert.throws(() => shared({ algorithms: ['none'] }), /^Error: the algorithm none does not fit the key$/);
  });

  it('a key that is none, or too weak, is refused when the server is made', () => {
    assert.throws(() => new JwtAuthenticator({ ...plain, publicKey: 'no PEM' }));
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
    assert.throws(() => byKey(weak.publicKey), /2048 bits/);
    const x = generateKeyPairSync('x25519');
    assert.throws(() => byKey(x.publicKey), /cannot verify tokens/);
  });

  it('may come in a cookie or the query', async () => {
    const token = newToken({ alg: 'HS256' }, claims(), secret);
    const cookie = await shared({ from: 'cookie:session' }).authenticate(
      request(undefined, { cookies: { session: token } }),
    );
    assert.equal(cookie.kind, 'granted');
    const query = await shared({ from: 'query:jwt' }).authenticate(request(undefined, { query: { jwt: token } }));
    assert.equal(query.kind, 'granted');
    assert.deepEqual(await shared().authenticate(request()), { kind: 'refused', presented: false });
  });
});

describe('a JWKS file', () => {
  let folder: string;
  let path: string;
  const jwk = (key: typeof rsa.publicKey, kid?: string): object => ({
    ...key.export({ format: 'jwk' }),
    ...(kid && { kid }),
  });
  const fromFile = (): JwtAuthenticator => new JwtAuthenticator({ ...plain, jwksFile: path });
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'jwks-'));
    path = join(folder, 'jwks.json');
  });
  after(() => rmSync(folder, { recursive: true }));

  it('gives the key that the kid names, or without one any that fits', async () => {
    const second = generateKeyPairSync('rsa', { modulusLength: 2048 });
    writeFileSync(
      path,
      JSON.stringify({ keys: [jwk(rsa.publicKey, 'a'), jwk(second.publicKey, 'b'), jwk(ec.publicKey, 'c')] }),
    );
    const authenticator = fromFile();
    const sign = (header: object, key: Parameters<typeof newToken>[2]): string =>
      newToken({ alg: 'RS256', ...header }, claims(), key);
    assert.equal(await kindOf(authenticator, sign({ kid: 'a' }, rsa.privateKey)), 'granted');
    assert.equal(await kindOf(authenticator, sign({ kid: 'b' }, second.privateKey)), 'granted');
    assert.equal(await kindOf(authenticator, sign({ kid: 'a' }, second.privateKey)), 'refused presented');
    assert.equal(await kindOf(authenticator, sign({ kid: 'd' }, rsa.privateKey)), 'refused presented');
    assert.equal(await kindOf(authenticator, sign({}, second.privateKey)), 'granted');
    assert.equal(await kindOf(authenticator, sign({ alg: 'ES256', kid: 'c' }, ec.privateKey)), 'granted');
    const pemSecret = pem(createPublicKey(rsa.privateKey));
    assert.equal(await kindOf(authenticator, sign({ alg: 'HS256', kid: 'a' }, pemSecret)), 'refused presented');
  });

  it('T57 that is gone, no JSON, empty or holds a shared secret lets nobody in, and comes back by itself', async () => {
    writeFileSync(path, JSON.stringify({ keys: [jwk(ed.publicKey)] }));
    const token = newToken({ alg: 'EdDSA' }, claims(), ed.privateKey);
    const authenticator = fromFile();
    assert.equal(await kindOf(authenticator, token), 'granted');
    const bad = ['{', 'null', '{"keys":[]}', '[]', JSON.stringify({ keys: [{ kty: 'oct', k: 'c2VjcmV0' }] })];
    for (const text of bad) {
      writeFileSync(path, text);
      assert.equal(await kindOf(fromFile(), token), 'unusable', text);
    }
    await becomes(authenticator, token, 'unusable');
    unlinkSync(path);
    assert.equal(await kindOf(fromFile(), token), 'unusable');
    writeFileSync(path, JSON.stringify({ keys: [jwk(ed.publicKey)] }));
    await becomes(authenticator, token, 'granted');
  });

  it('T84 is never quoted in the reason', async () => {
    writeFileSync(path, '{"keys": [SECRET-PART');
    const verdict = await fromFile().authenticate(request(`Bearer ${unsignedToken({ alg: 'RS256' }, {}, 'AA')}`));
    assert.deepEqual(verdict, { kind: 'unusable', reason: 'the key file is not JSON' });
  });
});
