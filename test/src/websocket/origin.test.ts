import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OriginPolicy } from '../../../src/websocket/origin.js';

const place = { protocol: 'http', host: 'pi.local:8080' };

function allowed(origins: readonly string[], origin: string | undefined, where = place): boolean {
  return new OriginPolicy(origins).allows(origin, where);
}

describe('OriginPolicy', () => {
  it('T61 allows by default the origin of the request only: scheme, host and port', () => {
    assert.ok(allowed([], 'http://pi.local:8080'));
    assert.ok(allowed([], 'http://PI.local:8080'));
    for (const origin of [
      'https://pi.local:8080',
      'http://pi.local',
      'http://pi.local:8081',
      'http://evil.example',
      'http://pi.local:8080.evil.example',
      'http://evil.example/?http://pi.local:8080',
      'http://sub.pi.local:8080',
      'null',
      '',
      'not an origin',
      'file://',
    ]) {
      assert.equal(allowed([], origin), false, origin);
    }
  });

  it('takes default ports as said', () => {
    assert.ok(allowed([], 'https://shop.example', { protocol: 'https', host: 'shop.example:443' }));
    assert.ok(allowed([], 'http://shop.example:80', { protocol: 'http', host: 'shop.example' }));
    assert.equal(allowed([], 'https://shop.example', { protocol: 'http', host: 'shop.example:443' }), false);
  });

  it('allows a client that is no browser: it sends no Origin', () => {
    assert.ok(allowed([], undefined));
    assert.ok(allowed(['https://a.example'], undefined));
  });

  it('with "*" allows any origin', () => {
    assert.ok(allowed(['*'], 'https://anywhere.example'));
    assert.ok(allowed(['*'], 'null'));
  });

  it('with a list allows exactly what is listed, and no longer the own origin', () => {
    const list = ['https://a.example', 'https://B.example:8443', 'null', 'capacitor://localhost'];
    for (const origin of [
      'https://a.example',
      'https://b.example:8443',
      'https://a.example:443',
      'null',
      'capacitor://localhost',
    ]) {
      assert.ok(allowed(list, origin), origin);
    }
    for (const origin of [
      'http://a.example',
      'https://a.example.evil.example',
      'http://pi.local:8080',
      'capacitor://other',
    ]) {
      assert.equal(allowed(list, origin), false, origin);
    }
  });

  it('T61 no pattern matches the origin null, which any website can take on', () => {
    assert.ok(allowed(['/.*/'], 'https://anywhere.example'));
    assert.equal(allowed(['/.*/'], 'null'), false);
  });

  it('a pattern must match the whole origin', () => {
    const list = ['/https://\\w+\\.a\\.example/'];
    assert.ok(allowed(list, 'https://x.a.example'));
    for (const origin of [
      'https://x.a.example.evil.example',
      'https://evil.example#https://x.a.example',
      'https://a.example',
    ]) {
      assert.equal(allowed(list, origin), false, origin);
    }
  });

  it('an alternative in a pattern cannot slip past the anchors', () => {
    assert.equal(allowed(['/https://a|https://b/'], 'https://b.evil.example'), false);
  });

  it('refuses a pattern that is none, naming it', () => {
    assert.throws(() => new OriginPolicy(['/(/']), {
      code: 'INVALID_SETTING',
      message: 'The origin /(/ is not a valid pattern.',
    });
  });

  it('does not look at an absurdly long origin', () => {
    assert.equal(allowed(['/https://.*/'], `https://${'a'.repeat(600)}.example`), false);
  });
});
