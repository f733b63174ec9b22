import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ForwardedElement, parseForwarded } from '../../../src/http/forwarded.js';

const headers: [header: string, elements: ForwardedElement[]][] = [
  ['', []],
  ['for=192.0.2.60', [{ for: '192.0.2.60' }]],
  ['for=192.0.2.60;proto=http;by=203.0.113.43', [{ for: '192.0.2.60', proto: 'http', by: '203.0.113.43' }]],
  ['For="[2001:db8:cafe::17]:4711"', [{ for: '[2001:db8:cafe::17]:4711' }]],
  ['for=192.0.2.43, for=198.51.100.17', [{ for: '192.0.2.43' }, { for: '198.51.100.17' }]],
  ['for=_hidden;host="a,b;c"', [{ for: '_hidden', host: 'a,b;c' }]],
  ['for="a\\"b"', [{ for: 'a"b' }]],
  ['for=a ; proto=https , for=b', [{ for: 'a', proto: 'https' }, { for: 'b' }]],
  ['for=a, nonsense, for=b', [{ for: 'a' }]],
];
for (const [header, elements] of headers)
  test(`the Forwarded header ${JSON.stringify(header)} has ${elements.length} elements`, () => {
    assert.deepEqual(parseForwarded(header), elements);
  });
