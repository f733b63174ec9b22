import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Access, HttpError } from '../../../src/index.js';
import { parseTrust } from '../../../src/server/client-address.js';
import { ask, get } from '../../support/raw-client.js';
import { startServer } from '../../support/test-server.js';

interface Seen {
  readonly ip: string;
  readonly ips: readonly string[];
  readonly protocol: string;
  readonly secure: boolean;
  readonly hostname: string;
}

/** What a request with these headers looks like behind these trusted proxies; the peer is 127.0.0.1. */
async function seen(trustProxy: readonly string[], ...headers: string[]): Promise<Seen> {
  const server = await startServer(
    ({ request, response }) => {
      const { ip, ips, protocol, secure, hostname } = request;
      response.json({ ip, ips, protocol, secure, hostname });
    },
    { trustProxy },
  );
  const answer = await ask(server.port, get('/', ...headers));
  await server.stop();
  return JSON.parse(answer.text) as Seen;
}

const proxies = ['loopback', '10.0.0.0/8', '2001:db8::/32'];

describe('the address of a client', () => {
  it('T64 is that of the peer while no proxy is trusted, whatever the headers say', async () => {
    for (const trust of [[], ['10.0.0.0/8']])
      assert.deepEqual(
        await seen(
          trust,
          'X-Forwarded-For: 203.0.113.1',
          'X-Forwarded-Proto: https',
          'X-Forwarded-Host: evil.example',
          'Forwarded: for=203.0.113.2;proto=https;host=evil.example',
        ),
        { ip: '127.0.0.1', ips: [], protocol: 'http', secure: false, hostname: 'test' },
      );
  });

  const rows: readonly [what: string, header: string, ip: string, ips: readonly string[]][] = [
    ['one address', 'X-Forwarded-For: 203.0.113.1', '203.0.113.1', ['203.0.113.1']],
    ['a spoofed address in front', 'X-Forwarded-For: 1.1.1.1, 203.0.113.1', '203.0.113.1', ['203.0.113.1']],
    [
      'trusted proxies behind',
      'X-Forwarded-For: 203.0.113.1, 10.1.1.1, 10.2.2.2',
      '203.0.113.1',
      ['203.0.113.1', '10.1.1.1', '10.2.2.2'],
    ],
    [
      'a trusted address in front of a stranger',
      'X-Forwarded-For: 10.9.9.9, 203.0.113.1, 10.1.1.1',
      '203.0.113.1',
      ['203.0.113.1', '10.1.1.1'],
    ],
    ['trusted addresses only', 'X-Forwarded-For: 10.1.1.1, 10.2.2.2', '10.1.1.1', ['10.1.1.1', '10.2.2.2']],
    ['a port', 'X-Forwarded-For: 203.0.113.1:4711', '203.0.113.1', ['203.0.113.1']],
    ['IPv6', 'X-Forwarded-For: 2001:db9::1', '2001:db9::1', ['2001:db9::1']],
    ['IPv6 in brackets with a port', 'X-Forwarded-For: [2001:db9::1]:4711', '2001:db9::1', ['2001:db9::1']],
    [
      'a trusted IPv6 network',
      'X-Forwarded-For: 203.0.113.1, 2001:db8::5',
      '203.0.113.1',
      ['203.0.113.1', '2001:db8::5'],
    ],
    ['IPv4 inside IPv6', 'X-Forwarded-For: ::ffff:203.0.113.1', '203.0.113.1', ['203.0.113.1']],
    [
      'blanks and empty parts',
      'X-Forwarded-For:  , 203.0.113.1 ,, 10.1.1.1',
      '203.0.113.1',
      ['203.0.113.1', '10.1.1.1'],
    ],
    ['no address', 'X-Forwarded-For: unknown', '127.0.0.1', ['']],
    ['markup', 'X-Forwarded-For: <script>, 203.0.113.1', '203.0.113.1', ['203.0.113.1']],
    ['RFC 7239', 'Forwarded: for=203.0.113.1', '203.0.113.1', ['203.0.113.1']],
    ['RFC 7239 with IPv6', 'Forwarded: For="[2001:db9::1]:4711"', '2001:db9::1', ['2001:db9::1']],
    [
      'RFC 7239 through proxies',
      'Forwarded: for=1.1.1.1, for=203.0.113.1;by=x, for=10.1.1.1',
      '203.0.113.1',
      ['203.0.113.1', '10.1.1.1'],
    ],
    ['an obfuscated RFC 7239', 'Forwarded: for=_hidden', '127.0.0.1', ['']],
  ];
  for (const [what, header, ip, ips] of rows)
    it(`T64 behind trusted proxies is the rightmost that none of them owns: ${what}`, async () => {
      const request = await seen(proxies, header);
      assert.equal(request.ip, ip);
      if (ips[0] !== '') assert.deepEqual(request.ips, ips);
    });

  it('T64 is not read from a Forwarded that the client sent through a proxy that speaks X-Forwarded-For', async () => {
    const request = await seen(proxies, 'Forwarded: for=1.1.1.1;proto=https', 'X-Forwarded-For: 203.0.113.1');
    assert.equal(request.ip, '203.0.113.1');
    assert.equal(request.protocol, 'http');
  });
});

describe('protocol and host of a request', () => {
  it('T64 are what the nearest proxy says', async () => {
    const request = await seen(
      proxies,
      'X-Forwarded-For: 203.0.113.1',
      'X-Forwarded-Proto: https',
      'X-Forwarded-Host: pi.example.org:8443',
    );
    assert.deepEqual(request, {
      ip: '203.0.113.1',
      ips: ['203.0.113.1'],
      protocol: 'https',
      secure: true,
      hostname: 'pi.example.org',
    });
    const standard = await seen(proxies, 'Forwarded: for=203.0.113.1;proto=https;host="pi.example.org"');
    assert.deepEqual([standard.protocol, standard.hostname], ['https', 'pi.example.org']);
  });

  it('T64 without an address count as well', async () => {
    assert.equal((await seen(['loopback'], 'X-Forwarded-Proto: https')).protocol, 'https');
  });

  it('T64 that are no protocol or host are ignored', async () => {
    for (const [header, value] of [
      ['X-Forwarded-Proto', 'javascript'],
      ['X-Forwarded-Host', 'a/b'],
      ['X-Forwarded-Host', '"><script>'],
      ['X-Forwarded-Host', 'a'.repeat(300)],
    ] as const) {
      const { protocol, hostname } = await seen(proxies, `${header}: ${value}`);
      assert.deepEqual([protocol, hostname], ['http', 'test'], value.slice(0, 20));
    }
  });

  it('T64 given as lists are matched from the right', async () => {
    const request = await seen(proxies, 'X-Forwarded-For: 1.1.1.1, 203.0.113.1', 'X-Forwarded-Proto: https, http');
    assert.deepEqual([request.ip, request.protocol], ['203.0.113.1', 'http']);
  });
});

describe('who is trusted', () => {
  it('is an address, a network or "loopback"', () => {
    const trusts = parseTrust(['loopback', '192.0.2.1', '10.0.0.0/8', '2001:db8::/32']);
    for (const address of ['127.0.0.1', '127.9.9.9', '::1', '192.0.2.1', '10.255.1.1', '2001:db8:ffff::1'])
      assert.equal(trusts(address), true, address);
    for (const address of ['192.0.2.2', '11.0.0.1', '2001:db9::1', '', 'unknown'])
      assert.equal(trusts(address), false, address);
    assert.equal(parseTrust([])('127.0.0.1'), false);
  });

  it('anything else is refused with the entry', () => {
    for (const entry of ['localhost', '10.0.0.0/33', '10.0.0.0/', '::/129', '10.0.0', '*'])
      assert.throws(
        () => parseTrust([entry]),
        (error) => error instanceof HttpError && error.message.includes(`"${entry}"`),
        entry,
      );
  });
});

describe('T64 the lockout behind a proxy', () => {
  it('counts the client, not the proxy, and a client cannot choose another address', async () => {
    const access = new Access({ realm: 'R', entries: [{ scheme: 'basic', username: 'ann', password: 'right' }] });
    const server = await startServer(({ response }) => response.send('x'), {
      access,
      lockout: 3,
      trustProxy: ['loopback'],
    });
    const login = async (password: string, forwarded: string): Promise<number> => {
      const credentials = Buffer.from(`ann:${password}`).toString('base64');
      return (await ask(server.port, get('/', `Authorization: Basic ${credentials}`, `X-Forwarded-For: ${forwarded}`)))
        .status;
    };
    for (let count = 0; count < 3; count += 1) assert.equal(await login('wrong', `1.1.1.${count}, 203.0.113.1`), 401);
    assert.equal(await login('right', '9.9.9.9, 203.0.113.1'), 429);
    assert.equal(await login('right', '203.0.113.2'), 200);
    await server.stop();
  });
});
