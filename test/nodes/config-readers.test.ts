/** The readers of saved values: what they take, what they make of it, and the exact reason when they refuse. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  isHostName,
  isIPv4,
  isIPv6,
  listenHost,
  network,
  origin,
  servedHost,
} from '../../nodes/lib/setting-address.js';
import {
  cookies,
  corsOf,
  extension,
  headerName,
  headerValue,
  headers,
  mediaType,
  methods,
  printable,
  token,
} from '../../nodes/lib/setting-field.js';
import { patternText } from '../../nodes/lib/setting-pattern.js';
import { reasonText, reasons } from '../../nodes/lib/setting-reason.js';
import {
  SettingError,
  UnsetVariableError,
  choice,
  findFlaw,
  flag,
  integer,
  list,
  optional,
  parseSeconds,
  parseSize,
  readSettings,
  refuse,
  rows,
  someText,
  text,
  typed,
} from '../../nodes/lib/settings.js';
import type { Reader } from '../../nodes/lib/settings.js';

function refuses(read: Reader<unknown>, value: unknown, reason: string, kind?: unknown): void {
  assert.throws(
    () => read(value, kind),
    (error) => error instanceof SettingError && error.message === reason,
    `${JSON.stringify(value)} should be refused with: ${reason}`,
  );
}

describe('sizes', () => {
  it('are bytes, or kb, mb and gb of 1024 in any case, with or without a blank', () => {
    const sizes: [unknown, number][] = [
      [1, 1],
      ['65536', 65536],
      ['5mb', 5 * 1024 ** 2],
      ['5 MB', 5 * 1024 ** 2],
      ['1Kb', 1024],
      ['2gb', 2 * 1024 ** 3],
      ['1.5kb', 1536],
      [' 7b ', 7],
    ];
    for (const [saved, bytes] of sizes) assert.equal(parseSize(saved), bytes, String(saved));
  });

  it('that are nothing, less than a byte or no number are refused', () => {
    for (const bad of ['', '0', 0, '0.5', '-1', '5 foo', 'mb', '1e3', '0x10', '5mbb', '99999999gb', NaN, Infinity]) {
      refuses(parseSize, bad, 'must be a size of at least one byte, such as 512kb or 5mb');
    }
    refuses(parseSize, true, 'must be text');
    refuses(parseSize, null, 'must be text');
  });
});

describe('numbers', () => {
  it('may be saved as numbers or as text', () => {
    assert.equal(integer(0, 65535)(8080), 8080);
    assert.equal(integer(0, 65535)('8080'), 8080);
    assert.equal(integer(0, 65535)(' 0 '), 0);
    assert.equal(parseSeconds('0.5'), 0.5);
    assert.equal(parseSeconds(120), 120);
  });

  it('outside their bounds are refused with the bounds', () => {
    for (const bad of ['', '65536', '-1', '80.5', 'http', '1e3', '0x50', 65536.5]) {
      refuses(integer(0, 65535), bad, 'must be a whole number from 0 to 65535');
    }
    refuses(integer(1), 0, 'must be a whole number, 1 or more');
    refuses(parseSeconds, '-1', 'must be a time in seconds from 0 to 2147483');
    refuses(parseSeconds, '', 'must be a time in seconds from 0 to 2147483');
    refuses(parseSeconds, 2_147_484, 'must be a time in seconds from 0 to 2147483');
  });

  it('that may be left out are null when they are', () => {
    assert.equal(optional(integer(200, 599))(''), null);
    assert.equal(optional(integer(200, 599))('404'), 404);
    refuses(optional(integer(200, 599)), '99', 'must be a whole number from 200 to 599');
  });
});

describe('text, flags and choices', () => {
  it('loses the blanks around it, and takes the number that an environment variable may hold', () => {
    assert.equal(text('  a b '), 'a b');
    assert.equal(text(7), '7');
    refuses(text, {}, 'must be text');
    refuses(someText, ' ', 'must not be empty');
  });

  it('flags are booleans or the words of an environment variable', () => {
    assert.deepEqual(
      [true, false, 'true', 'false', ''].map((value) => flag(value)),
      [true, false, true, false, false],
    );
    refuses(flag, 'yes', 'must be true or false');
    refuses(flag, 1, 'must be true or false');
  });

  it('a word that is no choice is refused with the choices', () => {
    assert.equal(choice('off', 'on')('on'), 'on');
    refuses(choice('off', 'on'), 'On', 'must be one of "off", "on"');
  });

  it('a path may hold anything but control characters', () => {
    assert.equal(printable('/srv/My Files/ü'), '/srv/My Files/ü');
    refuses(printable, '/srv/\u0000x', 'contains a control character');
    refuses(printable, 'a\nb', 'contains a control character');
  });
});

describe('an environment variable that was not replaced', () => {
  it('is refused by name at run time, wherever it stands', () => {
    const unset = 'the environment variable PORT is not set';
    refuses(integer(0), '${PORT}', unset);
    refuses(text, ' ${PORT} ', unset);
    refuses(flag, '${PORT}', unset);
    refuses(list(text), '${PORT}', unset);
    refuses(list(text), ['a', '${PORT}'], unset);
    refuses(headers, [{ name: 'X', value: '${PORT}' }], unset);
    refuses(typed, '${PORT}', unset);
  });

  it('is fine in the editor, but hides no other flaw', () => {
    assert.equal(findFlaw(integer(0), '${PORT}'), null);
    assert.equal(findFlaw(headers, [{ name: 'X', value: '${A}' }]), null);
    const flaw = findFlaw(headers, [
      { name: 'X', value: '${A}' },
      { name: 'a b', value: '' },
    ]);
    assert.equal(flaw?.message, 'entry 2: "a b" is not a header name');
  });

  it('is text like any other when it is only a part of the value', () => {
    assert.equal(text('http://${HOST}/'), 'http://${HOST}/');
  });

  it('is told from every other refusal', () => {
    assert.throws(() => text('${A}'), UnsetVariableError);
    assert.throws(
      () => text(null),
      (error) => !(error instanceof UnsetVariableError),
    );
  });
});

describe('lists', () => {
  it('are arrays, or text with commas', () => {
    assert.deepEqual(list(text)(['a', ' b ']), ['a', 'b']);
    assert.deepEqual(list(text)('a, b,,'), ['a', 'b']);
    assert.deepEqual(list(text)(''), []);
    refuses(list(text), { a: 1 }, 'must be a list');
  });

  it('name the entry that is wrong, counted from 1', () => {
    refuses(list(integer(0, 9)), ['1', '10'], 'entry 2: must be a whole number from 0 to 9');
    refuses(rows({ name: someText }), [{ name: 'a' }, {}], 'entry 2: must not be empty');
    refuses(rows({ name: someText }), ['a'], 'entry 1: must be an object');
    refuses(rows({ name: someText }), 'a', 'must be a list');
    assert.deepEqual(rows({ name: someText })(''), []);
  });
});

describe('typed values', () => {
  it('are text unless their kind says otherwise', () => {
    assert.deepEqual(typed('/login'), { value: '/login', type: 'str' });
    assert.deepEqual(typed('', ''), { value: '', type: 'str' });
    assert.deepEqual(typed('payload.url', 'msg'), { value: 'payload.url', type: 'msg' });
    assert.deepEqual(typed(' "/" & $string(1) ', 'jsonata'), { value: '"/" & $string(1)', type: 'jsonata' });
  });

  it('of a kind that looks something up need to say what', () => {
    refuses(typed, '', 'must not be empty', 'msg');
    refuses(typed, 'x', 'must be one of "str", "msg", "flow", "global", "env", "jsonata"', 'bin');
  });
});

describe('methods and headers', () => {
  it('methods are tokens in upper case, each once', () => {
    assert.deepEqual(methods(['get', 'GET', 'websocket']), ['GET', 'WEBSOCKET']);
    assert.deepEqual(methods('GET, POST'), ['GET', 'POST']);
    refuses(methods, ['GET', 'G ET'], 'entry 2: "G ET" is not a method');
    refuses(methods, [''], 'entry 1: "" is not a method');
  });

  it('T38 a header name is a token, a value holds no control character and nothing beyond Latin-1', () => {
    assert.equal(headerName('X-Frame-Options'), 'X-Frame-Options');
    for (const bad of ['', 'a b', 'a:', 'ä', 'a\r\nb']) assert.throws(() => headerName(bad), SettingError);
    assert.equal(headerValue('naïve; a="b"\tc'), 'naïve; a="b"\tc');
    for (const bad of ['a\r\nSet-Cookie: b', 'a\u0000', '€']) {
      refuses(headerValue, bad, 'contains a character that a header cannot carry');
    }
  });

  it('header rows keep their order and repetitions', () => {
    const saved = [
      { name: 'Link', value: '<a>' },
      { name: 'Link', value: '<b>' },
    ];
    assert.deepEqual(headers(saved), saved);
    refuses(headers, [{ value: 'x' }], 'entry 1: "" is not a header name');
  });

  it('tokens such as subprotocols refuse blanks and separators', () => {
    assert.equal(token('mqtt.v5'), 'mqtt.v5');
    refuses(token, 'a,b', '"a,b" must be a name of letters, digits, dots and dashes');
  });
});

describe('media types and extensions', () => {
  it('an extension starts with a dot and counts in lower case', () => {
    assert.equal(extension('.HTML'), '.html');
    for (const bad of ['html', '.', '.a.b', './x', '. x']) assert.throws(() => extension(bad), SettingError);
    refuses(extension, 'html', '"html" is not a file extension: it must start with a dot, such as .html');
  });

  it('a media type has two halves, and parameters at will', () => {
    for (const good of ['text/plain', 'image/svg+xml', 'text/html; charset=utf-8']) assert.equal(mediaType(good), good);
    for (const bad of ['text', 'text/', '/plain', 'text/plain\r\nX: y'])
      assert.throws(() => mediaType(bad), SettingError);
    refuses(mediaType, '', 'must not be empty');
  });
});

describe('cookies', () => {
  it('come in the shape of msg.cookies, or as its JSON', () => {
    const saved = { a: 'x', b: null, c: { value: 'y', maxAge: 1000 }, d: 1, e: true };
    assert.deepEqual(cookies(saved), saved);
    assert.deepEqual(cookies('{"a":"x"}'), { a: 'x' });
    assert.deepEqual(cookies(''), {});
  });

  it('of any other shape are refused', () => {
    refuses(cookies, ['a'], 'must be an object of cookies by name');
    refuses(cookies, { a: {} }, 'the cookie "a" must be text, an object with a value, or null');
    refuses(cookies, { 'a b': 'x' }, 'the cookie "a b" must be text, an object with a value, or null');
    assert.throws(() => cookies('{'), /^SettingError: must be valid JSON: /);
  });
});

describe('hosts and networks', () => {
  it('tells addresses from names', () => {
    for (const good of ['0.0.0.0', '127.0.0.1', '255.255.255.255']) assert.ok(isIPv4(good), good);
    for (const bad of ['1.2.3', '256.1.1.1', '01.2.3.4', '1.2.3.4.5', '']) assert.ok(!isIPv4(bad), bad);
    for (const good of ['::', '::1', 'fe80::1', '1:2:3:4:5:6:7:8', '::ffff:10.0.0.1', '2001:db8::', '1::8'])
      assert.ok(isIPv6(good), good);
    for (const bad of [
      '',
      ':',
      ':::',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '1::2::3',
      '12345::',
      '1.2.3.4',
      'g::',
      ':1',
      '::1.2.3.4:1',
    ])
      assert.ok(!isIPv6(bad), bad);
    for (const good of ['localhost', 'pi.local', 'my_host', 'xn--bcher-kva.example', 'a.b.'])
      assert.ok(isHostName(good), good);
    for (const bad of ['', '-a', 'a-', 'a..b', 'a b', '1.2.3', 'a'.repeat(64), `${'a.'.repeat(127)}ab`])
      assert.ok(!isHostName(bad), bad);
  });

  it('takes an address to listen on in brackets and with a zone', () => {
    assert.equal(listenHost('[::1]'), '::1');
    assert.equal(listenHost('fe80::1%eth0'), 'fe80::1%eth0');
    refuses(listenHost, '999.1.1.1', '"999.1.1.1" is not a host name or an IP address');
    refuses(listenHost, 'http://pi', '"http://pi" is not a host name or an IP address');
    refuses(listenHost, '', '"" is not a host name or an IP address');
  });

  it('T63 takes served host names in lower case, without a port', () => {
    assert.equal(servedHost('Pi.Local'), 'pi.local');
    assert.equal(servedHost('[2001:DB8::1]'), '2001:db8::1');
    refuses(servedHost, 'pi.local:8080', '"pi.local:8080" must be a host name without a port');
    refuses(servedHost, 'https://a', '"https://a" is not a host name or an IP address');
  });

  it('T64 takes trusted proxies as loopback, addresses and networks only', () => {
    for (const good of ['loopback', '10.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8']) assert.equal(network(good), good);
    for (const bad of ['10.0.0.0/33', 'fd00::/129', '10.0.0.0/8/8', 'proxy.local', '10.0.0.0/', '*', 'true', '']) {
      assert.throws(() => network(bad), SettingError, bad);
    }
  });
});

describe('origins', () => {
  it('are normalised to what a browser sends', () => {
    assert.equal(origin('https://Example.org/'), 'https://example.org');
    assert.equal(origin('https://example.org:443'), 'https://example.org');
    assert.equal(origin('http://pi.local:8080'), 'http://pi.local:8080');
    assert.equal(origin('capacitor://localhost'), 'capacitor://localhost');
    assert.equal(origin('*'), '*');
    assert.equal(origin(' Null '), 'null');
    assert.equal(origin('/^https:\\/\\/[a-z]+\\.example\\.org$/'), '/^https:\\/\\/[a-z]+\\.example\\.org$/');
  });

  it('T62 paths, bare names and broken expressions are refused', () => {
    for (const bad of ['nulls', 'example.org', 'https://a/b', 'https://a?b', 'https://', '']) {
      refuses(origin, bad, `"${bad}" is not an origin such as https://example.org`);
    }
    assert.throws(() => origin('/(/'), /is not a valid regular expression/);
  });

  it('cors fills in what is missing', () => {
    assert.deepEqual(corsOf(origin)({ origins: ['*'] }), {
      origins: ['*'],
      credentials: false,
      methods: [],
      allowHeaders: [],
      exposeHeaders: [],
      maxAge: 600,
    });
    assert.deepEqual(corsOf(origin)('').origins, []);
    refuses(corsOf(origin), [], 'must be an object');
    refuses(corsOf(origin), { allowHeaders: ['a b'] }, 'entry 1: "a b" is not a header name');
  });
});

describe('path patterns', () => {
  it('are refused with the position, counted from 1, and the reason', () => {
    assert.equal(patternText('/device/<id>', false), '/device/<id>');
    refuses((value) => patternText(value, false), 'a', 'character 1: Path must start with a slash.');
    refuses((value) => patternText(value, false), '/a//b', 'character 3: Path cannot contain double slashes.');
    assert.throws(() => patternText('/a/', true), /append_slash/);
  });
});

describe('reading all properties', () => {
  const readers = { port: integer(0, 65535), name: text };
  const defaults = { port: '8080', name: '' };

  it('gives a missing or null property its default, read like any other value', () => {
    assert.deepEqual(readSettings(readers, defaults, {}), { settings: { port: 8080, name: '' } });
    assert.deepEqual(readSettings(readers, defaults, { port: null }).settings, { port: 8080, name: '' });
    assert.deepEqual(readSettings(readers, defaults, undefined).settings, { port: 8080, name: '' });
  });

  it('reports every property that is refused', () => {
    const { errors } = readSettings(readers, defaults, { port: 'x', name: {} });
    assert.deepEqual(
      errors?.map(({ property, reason }) => `${property}: ${reason}`),
      ['port: must be a whole number from 0 to 65535', 'name: must be text'],
    );
  });

  it('checks what belongs together only when each is fine alone', () => {
    let asked = 0;
    const together = (): [ReturnType<typeof refuse>] => {
      asked += 1;
      return [refuse('port', 'required')];
    };
    assert.equal(readSettings(readers, defaults, { port: 'x' }, together).errors?.length, 1);
    assert.equal(asked, 0);
    assert.equal(readSettings(readers, defaults, {}, together).errors?.[0]?.reason, 'must not be empty');
  });

  it('lets an error that is no refusal through', () => {
    const broken: Reader<string> = () => {
      throw new TypeError('broken');
    };
    assert.throws(() => readSettings({ a: broken }, { a: '' }, {}), TypeError);
    assert.throws(() => findFlaw(broken, ''), TypeError);
  });
});

describe('reasons', () => {
  it('put their values in place and keep a mark without a value', () => {
    assert.equal(reasonText('integer', { min: 1, max: 2 }), 'must be a whole number from 1 to 2');
    assert.equal(reasonText('item', { number: 3, reason: new SettingError('text') }), 'entry 3: must be text');
    assert.equal(reasonText('integer'), 'must be a whole number from __min__ to __max__');
  });

  it('read as the rest of a sentence: no capital, no full stop', () => {
    for (const [key, reason] of Object.entries(reasons)) assert.match(reason, /^[a-z_"].*[^.]$/, key);
  });
});
