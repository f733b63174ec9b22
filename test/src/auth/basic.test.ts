import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import bcrypt from 'bcryptjs';
import { BasicAuthenticator, parseBasic } from '../../../src/auth/basic.js';
import { HashQueue } from '../../../src/auth/hash-queue.js';
import { UserList } from '../../../src/auth/user-list.js';
import { basicHeader, request } from './requests.js';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('a Basic header (RFC 7617)', () => {
  const rows: readonly [what: string, header: string, expected: { name: string; password: string } | undefined][] = [
    ['the example of the RFC', 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==', { name: 'Aladdin', password: 'open sesame' }],
    ['the UTF-8 example of the RFC', 'Basic dGVzdDoxMjPCow==', { name: 'test', password: '123£' }],
    ['a scheme in lower case', `basic ${base64('a:b')}`, { name: 'a', password: 'b' }],
    ['a scheme in upper case', `BASIC ${base64('a:b')}`, { name: 'a', password: 'b' }],
    ['several blanks behind the scheme', `Basic   ${base64('a:b')}`, { name: 'a', password: 'b' }],
    ['a password with colons', `Basic ${base64('a:b:c:')}`, { name: 'a', password: 'b:c:' }],
    ['an empty password', `Basic ${base64('a:')}`, { name: 'a', password: '' }],
    ['an empty name', `Basic ${base64(':b')}`, { name: '', password: 'b' }],
    ['no padding', 'Basic YTpi', { name: 'a', password: 'b' }],
    ['the URL alphabet', `Basic ${Buffer.from('a:?>~').toString('base64url')}`, { name: 'a', password: '?>~' }],
    ['blanks in the password', `Basic ${base64('a: b ')}`, { name: 'a', password: ' b ' }],
    ['no colon', `Basic ${base64('ab')}`, undefined],
    ['no credentials', 'Basic', undefined],
    ['empty credentials', 'Basic ', undefined],
    ['no base64', 'Basic a:b', undefined],
    ['two values', `Basic ${base64('a:b')}, Basic ${base64('a:b')}`, undefined],
    ['another scheme', `Bearer ${base64('a:b')}`, undefined],
    ['a longer scheme', `Basics ${base64('a:b')}`, undefined],
    ['a tab for the blank', `Basic\t${base64('a:b')}`, undefined],
    ['an empty header', '', undefined],
  ];
  for (const [what, header, expected] of rows)
    it(`T51 with ${what} is ${expected ? 'read' : 'no login'}`, () => {
      assert.deepEqual(parseBasic({ authorization: header }), expected);
    });

  it('T51 of a megabyte is no problem', () => {
    const password = 'x'.repeat(1024 * 1024);
    assert.equal(parseBasic({ authorization: basicHeader('a', password) })?.password.length, password.length);
    assert.equal(parseBasic({ authorization: `Basic ${'='.repeat(1024 * 1024)}` }), undefined);
  });

  it('T51 with bytes that are no UTF-8 matches nobody', () => {
    const header = `Basic ${Buffer.from([0x61, 0x3a, 0xff, 0xfe]).toString('base64')}`;
    assert.equal(parseBasic({ authorization: header })?.password, '\ufffd\ufffd');
  });

  it('T56 spells composed characters in one way', () => {
    assert.deepEqual(parseBasic({ authorization: basicHeader('Ame\u0301lie', 'u\u0308') }), {
      name: 'Amélie',
      password: 'ü',
    });
  });
});

describe('Basic against a list of users', () => {
  const list = new UserList(
    [
      ['ann', 'swordfish'],
      ['Zoé', 'pässwörd'],
      ['empty', ''],
    ],
    new HashQueue(),
  );
  const basic = new BasicAuthenticator('basic', () => list);

  it('lets in who knows the password', () => {
    assert.deepEqual(basic.authenticate(request(basicHeader('ann', 'swordfish'))), {
      kind: 'granted',
      user: { name: 'ann', scheme: 'basic' },
    });
    assert.equal(
      (basic.authenticate(request(basicHeader('Zoe\u0301', 'pässwörd'))) as { kind: string }).kind,
      'granted',
    );
  });

  it('knows a header again that was right, and only that one', () => {
    const long = 'x'.repeat(300);
    const users = new UserList(
      [
        ['ann', 'swordfish'],
        ['bob', 'trout'],
        ['long', long],
      ],
      new HashQueue(),
    );
    const check = mock.method(users, 'check');
    const fresh = new BasicAuthenticator('basic', () => users);
    const login = (header: string): unknown => {
      const verdict = fresh.authenticate(request(header)) as { kind: string; user?: { name: string } };
      return verdict.user?.name ?? verdict.kind;
    };
    const ann = basicHeader('ann', 'swordfish');
    const rows: [header: string, result: string, checks: number][] = [
      ['', 'refused', 0],
      [ann, 'ann', 1],
      [ann, 'ann', 1],
      [`${ann} `, 'ann', 2],
      [ann, 'ann', 3],
      [ann.slice(0, -3), 'refused', 4],
      [`${ann}A`, 'refused', 4],
      [ann.toLowerCase(), 'refused', 4],
      [ann, 'ann', 4],
      [basicHeader('bob', 'swordfish'), 'refused', 5],
      [basicHeader('bob', 'trout'), 'bob', 6],
      [basicHeader('bob', 'trout'), 'bob', 6],
      [ann, 'ann', 7],
      [basicHeader('long', long), 'long', 8],
      [basicHeader('long', long), 'long', 9],
      ['', 'refused', 9],
    ];
    for (const [header, result, checks] of rows)
      assert.deepEqual([login(header), check.mock.callCount()], [result, checks], header.slice(0, 80));
  });

  it('forgets a header with the list it was right for, and knows none of a list of hashes', () => {
    let users = new UserList([['ann', 'swordfish']], new HashQueue());
    const fresh = new BasicAuthenticator('basic', () => users);
    const ann = request(basicHeader('ann', 'swordfish'));
    const kinds = (): unknown[] => [1, 2].map(() => (fresh.authenticate(ann) as { kind?: string }).kind);
    assert.deepEqual(kinds(), ['granted', 'granted']);
    users = new UserList([['ann', 'another']], new HashQueue());
    assert.deepEqual(kinds(), ['refused', 'refused']);
    users = new UserList(
      [
        ['ann', 'swordfish'],
        ['bob', bcrypt.hashSync('x', 4)],
      ],
      new HashQueue(),
    );
    const check = mock.method(users, 'check', () => true);
    assert.deepEqual(kinds(), ['granted', 'granted']);
    assert.equal(check.mock.callCount(), 2);
  });

  it('refuses everybody else', () => {
    for (const [name, password] of [
      ['ann', 'Swordfish'],
      ['ann', ''],
      ['Ann', 'swordfish'],
      ['bob', 'swordfish'],
      ['', ''],
      ['__proto__', ''],
      ['ann\0', 'swordfish'],
    ] as const) {
      assert.deepEqual(
        basic.authenticate(request(basicHeader(name, password))),
        { kind: 'refused', presented: true },
        name,
      );
    }
  });

  it('tells a failed login from none', () => {
    assert.deepEqual(basic.authenticate(request()), { kind: 'refused', presented: false });
    assert.deepEqual(basic.authenticate(request('Bearer x')), { kind: 'refused', presented: false });
    assert.deepEqual(basic.authenticate(request('Basic nonsense!')), { kind: 'refused', presented: true });
  });
});
