/** The entries of http-server-credentials: from the credential `entries`, and from the rows of the dialog. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULTS, readConfig } from '../../nodes/http-server-credentials/config.js';
import { MAX_SLOTS } from '../../nodes/http-server-credentials/slots.js';
import { MAX_ENTRIES, readEntries, rowEntry } from '../../nodes/http-server-credentials/entry.js';

function reasonOf(entries: unknown): string {
  const reading = readEntries(entries);
  assert.ok(reading.errors, 'should be refused');
  assert.equal(reading.errors[0]?.property, 'entries');
  return reading.errors[0]?.reason ?? '';
}

/** What a JWT entry means that says nothing but its key. */
const jwt = { scheme: 'jwt', issuer: '', audience: '', clockTolerance: 30, algorithms: [], from: 'header' };

describe('entries', () => {
  it('may be an array or its JSON, and none at all', () => {
    const basic = { scheme: 'basic', username: 'ann', password: ' pass word ' };
    assert.deepEqual(readEntries([basic]).entries, [basic]);
    assert.deepEqual(readEntries(JSON.stringify([basic])).entries, [basic]);
    for (const none of [undefined, null, '', []]) assert.deepEqual(readEntries(none).entries, []);
  });

  it('of every scheme are read with their defaults', () => {
    assert.deepEqual(
      readEntries([
        { scheme: 'token', token: 't' },
        { scheme: 'bearer', token: 't', name: 'sensor', from: 'cookie:session', scope: 'read write' },
        { scheme: 'jwt', secret: 's', algorithms: ['HS256'] },
        {
          scheme: 'jwt',
          publicKey: 'PEM',
          issuer: 'i',
          audience: 'a',
          clockTolerance: '5',
          from: 'query:access_token',
        },
        { scheme: 'jwt', jwksFile: '/etc/jwks.json' },
        { scheme: 'htpasswd', path: '/etc/htpasswd' },
      ]).entries,
      [
        { scheme: 'token', token: 't', name: '', from: 'header', scopes: [] },
        { scheme: 'bearer', token: 't', name: 'sensor', from: 'cookie:session', scopes: ['read', 'write'] },
        { ...jwt, secret: 's', algorithms: ['HS256'] },
        { ...jwt, publicKey: 'PEM', issuer: 'i', audience: 'a', clockTolerance: 5, from: 'query:access_token' },
        { ...jwt, jwksFile: '/etc/jwks.json' },
        { scheme: 'htpasswd', path: '/etc/htpasswd' },
      ],
    );
  });

  it('that lack a part are refused with its name and the place of the entry', () => {
    assert.equal(reasonOf([{ scheme: 'basic', username: 'a' }]), 'entry 1: password is missing');
    assert.equal(reasonOf([{ scheme: 'basic', password: 'a' }]), 'entry 1: username is missing');
    assert.equal(reasonOf([{ scheme: 'bearer' }]), 'entry 1: token is missing');
    assert.equal(reasonOf([{ scheme: 'htpasswd' }]), 'entry 1: path is missing');
    assert.equal(reasonOf([{ scheme: 'Basic' }]), 'entry 1: the scheme must be basic, token, bearer, jwt or htpasswd');
    assert.equal(reasonOf(['x']), 'entry 1: must be an object');
    assert.equal(reasonOf('{'), 'must be a list of credentials, as an array or as JSON');
    assert.equal(reasonOf('{}'), 'must be a list of credentials, as an array or as JSON');
    assert.equal(reasonOf(Array(MAX_ENTRIES + 1).fill({})), 'must be a list of credentials, as an array or as JSON');
  });

  it('T51 a user name cannot hold the colon that ends it in a request', () => {
    assert.equal(
      reasonOf([{ scheme: 'basic', username: 'a:b', password: 'p' }]),
      'entry 1: a user name must not contain a colon',
    );
  });

  it('T55 a key verifies its own kind of algorithm only, and none never', () => {
    const refused = (algorithm: string): string =>
      `entry 1: "${algorithm}" is not an algorithm that this kind of key can verify`;
    assert.equal(reasonOf([{ scheme: 'jwt', publicKey: 'PEM', algorithms: ['HS256'] }]), refused('HS256'));
    assert.equal(reasonOf([{ scheme: 'jwt', secret: 's', algorithms: ['RS256'] }]), refused('RS256'));
    assert.equal(reasonOf([{ scheme: 'jwt', secret: 's', algorithms: ['none'] }]), refused('none'));
    const either = 'entry 1: exactly one of secret, publicKey and jwksFile must be given';
    assert.equal(reasonOf([{ scheme: 'jwt', secret: 's', publicKey: 'PEM' }]), either);
    assert.equal(reasonOf([{ scheme: 'jwt' }]), either);
  });

  it('take a token from a header, a named cookie or a named query parameter', () => {
    for (const from of ['cookie:', 'query', 'body:x', 'cookie:a b']) {
      assert.equal(
        reasonOf([{ scheme: 'token', token: 't', from }]),
        `entry 1: "${from}" is not "header", "cookie:<name>" or "query:<name>"`,
      );
    }
  });

  it('T55 a clock tolerance is whole seconds up to a day', () => {
    const of = (clockTolerance: unknown): unknown => [{ scheme: 'jwt', secret: 's', clockTolerance }];
    assert.deepEqual(readEntries(of(0)).entries, [{ ...jwt, secret: 's', clockTolerance: 0 }]);
    for (const bad of [-1, 1.5, 86_401, 'long', ''])
      assert.equal(reasonOf(of(bad)), 'entry 1: must be a whole number from 0 to 86400');
  });

  it('T52 a scope cannot hold what a challenge cannot carry', () => {
    assert.match(
      reasonOf([{ scheme: 'bearer', token: 't', scope: 'read "all"' }]),
      /^entry 1: ""all"" is not the name/,
    );
  });

  it('T84 never show a secret in a reason', () => {
    const secret = 'hunter2-hunter2';
    const reasons = [
      reasonOf([{ scheme: 'basic', username: 'a:b', password: secret }]),
      reasonOf([{ scheme: 'jwt', secret, algorithms: ['RS256'] }]),
      reasonOf(`[{"scheme":"token","token":"${secret}"`),
    ];
    for (const reason of reasons) assert.ok(!reason.includes(secret), reason);
  });

  it('an unset environment variable is refused by name', () => {
    assert.equal(reasonOf([{ scheme: 'token', token: '${TOKEN}' }]), 'the environment variable TOKEN is not set');
  });
});

describe('rows of the dialog', () => {
  it('become entries with their secret', () => {
    assert.deepEqual(rowEntry({ slot: 1, scheme: 'basic', username: 'ann' }, 'p'), {
      scheme: 'basic',
      username: 'ann',
      password: 'p',
    });
    assert.deepEqual(rowEntry({ slot: 2, scheme: 'bearer', name: 'n', from: 'cookie:c' }, 't'), {
      scheme: 'bearer',
      token: 't',
      name: 'n',
      from: 'cookie:c',
      scopes: [],
    });
    assert.deepEqual(rowEntry({ slot: 3, scheme: 'jwt', key: 'publicKey' }, 'PEM'), { ...jwt, publicKey: 'PEM' });
    assert.deepEqual(rowEntry({ slot: 4, scheme: 'jwt', key: 'jwksFile', jwksFile: '/k' }, 'ignored'), {
      ...jwt,
      jwksFile: '/k',
    });
    assert.deepEqual(rowEntry({ slot: 5, scheme: 'htpasswd', path: '/p' }, undefined), {
      scheme: 'htpasswd',
      path: '/p',
    });
  });

  it('without their secret cannot be used, as after an import', () => {
    assert.throws(
      () => rowEntry({ slot: 1, scheme: 'basic', username: 'ann' }, undefined),
      /^SettingError: password is missing$/,
    );
    assert.throws(() => rowEntry({ slot: 1, scheme: 'token' }, ''), /^SettingError: token is missing$/);
  });

  it('are checked without the secret, which the flow does not hold', () => {
    const list = [
      { slot: 1, scheme: 'basic', username: 'ann' },
      { slot: 32, scheme: 'token', name: 'n' },
    ];
    assert.deepEqual(readConfig({ realm: 'Home', list }).settings?.list, list);
  });

  it('each have a slot of their own from 1 to 32', () => {
    const row = { scheme: 'basic', username: 'a' };
    const reason = (list: unknown[]): string | undefined => readConfig({ list }).errors?.[0]?.reason;
    assert.equal(MAX_SLOTS, 32);
    assert.equal(
      reason([
        { ...row, slot: 1 },
        { ...row, slot: 1 },
      ]),
      'the slot must be a number from 1 to 32 that no other entry has',
    );
    assert.equal(reason([{ ...row, slot: 33 }]), 'entry 1: must be a whole number from 1 to 32');
    assert.equal(reason([row]), 'entry 1: must be a whole number from 1 to 32');
  });

  it('start empty, in the realm Node-RED', () => {
    assert.deepEqual(DEFAULTS, { name: '', realm: 'Node-RED', list: [] });
    assert.equal(readConfig({ realm: 'a\nb' }).errors?.[0]?.reason, 'contains a character that a header cannot carry');
  });
});
