import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Access, type ServerSettings } from '../../../src/index.js';
import { type RawResponse, ask, get, requestText } from '../../support/raw-client.js';
import { type TestServer, startServer } from '../../support/test-server.js';

const access = new Access({ realm: 'R', entries: [{ scheme: 'basic', username: 'ann', password: 'x' }] });
const site = 'https://app.example.org';

async function withServer(
  cors: Partial<ServerSettings['cors']>,
  check: (server: TestServer) => Promise<void>,
  rest: Parameters<typeof startServer>[1] = {},
): Promise<void> {
  const server = await startServer(({ response }) => response.send('hello'), { cors, ...rest });
  try {
    await check(server);
  } finally {
    await server.stop();
  }
}

const preflight = (path: string, origin: string, ...headers: string[]): string =>
  requestText('OPTIONS', path, [`Origin: ${origin}`, 'Access-Control-Request-Method: PUT', ...headers]);

/** The CORS headers of an answer, lower case, and Vary. */
function corsOf(answer: RawResponse): Record<string, string> {
  const found = answer.headers.filter(([name]) => /^(access-control|vary)/i.test(name));
  return Object.fromEntries(found.map(([name, value]) => [name.toLowerCase().replace('access-control-', ''), value]));
}

describe('requests from other origins', () => {
  it('are nobody special while no origin is configured', async () => {
    await withServer({}, async ({ port }) => {
      assert.deepEqual(corsOf(await ask(port, get('/', `Origin: ${site}`))), {});
      assert.equal((await ask(port, preflight('/', site))).status, 200);
    });
  });

  it('may read the answer when they are listed, and caches are told', async () => {
    await withServer({ origins: [site], exposeHeaders: ['X-Total', 'ETag'] }, async ({ port }) => {
      assert.deepEqual(corsOf(await ask(port, get('/', `Origin: ${site}`))), {
        'allow-origin': site,
        'expose-headers': 'X-Total, ETag',
        vary: 'Origin',
      });
      assert.deepEqual(corsOf(await ask(port, get('/'))), { vary: 'Origin' });
      assert.deepEqual(corsOf(await ask(port, get('/', 'Origin: https://evil.example'))), { vary: 'Origin' });
    });
  });

  it('T62 are compared whole: no prefix, suffix, case, port, path or null passes', async () => {
    await withServer(
      { origins: [site, '/https:\\/\\/[a-z]+\\.trusted\\.test/'], credentials: true },
      async ({ port }) => {
        const tricks = [
          'https://app.example.org.evil.com',
          'https://evil.com/https://app.example.org',
          'https://evilapp.example.org',
          'http://app.example.org',
          'https://app.example.org:8443',
          'https://app.example.org/',
          'https://APP.example.org',
          'null',
          'https://a.trusted.test.evil.com',
          'https://evil.com#https://a.trusted.test',
          'https://trusted.test',
          'https://a_trusted_test',
          '*',
          `${site}, https://evil.com`,
        ];
        for (const origin of tricks)
          assert.deepEqual(corsOf(await ask(port, get('/', `Origin: ${origin}`))), { vary: 'Origin' }, origin);
        const twice = await ask(port, get('/', `Origin: ${site}`, 'Origin: https://evil.com'));
        assert.notEqual(corsOf(twice)['allow-origin'], 'https://evil.com');
        const pattern = corsOf(await ask(port, get('/', 'Origin: https://shop.trusted.test')));
        assert.deepEqual(pattern, {
          'allow-origin': 'https://shop.trusted.test',
          'allow-credentials': 'true',
          vary: 'Origin',
        });
      },
    );
  });

  it('T62 without a name (null) are allowed only when listed', async () => {
    await withServer({ origins: ['null'] }, async ({ port }) => {
      assert.equal(corsOf(await ask(port, get('/', 'Origin: null')))['allow-origin'], 'null');
    });
    await withServer({ origins: ['/.*/'], credentials: true }, async ({ port }) => {
      assert.equal(corsOf(await ask(port, get('/', `Origin: ${site}`)))['allow-origin'], site);
      for (const request of [get('/', 'Origin: null'), preflight('/', 'null')])
        assert.equal(corsOf(await ask(port, request))['allow-origin'], undefined);
    });
  });

  it('T62 by "*" are never given credentials; one that is listed beside it is', async () => {
    await withServer({ origins: ['*'], credentials: true }, async ({ port }) => {
      assert.deepEqual(corsOf(await ask(port, get('/', `Origin: ${site}`))), { 'allow-origin': '*' });
      const answer = corsOf(await ask(port, preflight('/', site)));
      assert.equal(answer['allow-origin'], '*');
      assert.equal(answer['allow-credentials'], undefined);
    });
    await withServer({ origins: ['*', site], credentials: true }, async ({ port }) => {
      assert.deepEqual(corsOf(await ask(port, get('/', `Origin: ${site}`))), {
        'allow-origin': site,
        'allow-credentials': 'true',
        vary: 'Origin',
      });
      assert.deepEqual(corsOf(await ask(port, get('/', 'Origin: https://other.test'))), {
        'allow-origin': '*',
        vary: 'Origin',
      });
    });
  });

  it('T62 are read by errors, files and redirects alike', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cors-'));
    writeFileSync(join(folder, 'a.txt'), 'a');
    const server = await startServer(
      [
        { path: '/redirect', handle: ({ response }) => response.redirect('/a.txt') },
        {
          path: '/broken',
          handle: () => {
            throw new Error('broken');
          },
        },
      ],
      { cors: { origins: [site] }, rootPath: folder },
    );
    for (const [path, status] of [
      ['/a.txt', 200],
      ['/nothing', 404],
      ['/redirect', 302],
      ['/broken', 500],
    ] as const) {
      const answer = await ask(server.port, get(path, `Origin: ${site}`));
      assert.equal(answer.status, status);
      assert.equal(corsOf(answer)['allow-origin'], site, path);
      assert.match(corsOf(answer)['vary'] ?? '', /Origin/);
    }
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  it('keep what the flow itself says about them', async () => {
    const server = await startServer(
      ({ response }) => response.set('Access-Control-Allow-Origin', 'https://other.test').send('x'),
      { cors: { origins: [site] } },
    );
    const answer = await ask(server.port, get('/', `Origin: ${site}`));
    assert.equal(corsOf(answer)['allow-origin'], 'https://other.test');
    await server.stop();
  });
});

describe('a preflight', () => {
  it('is answered 204 before access, with what the origin may do', async () => {
    await withServer(
      { origins: [site], credentials: true },
      async ({ port }) => {
        const answer = await ask(port, preflight('/any', site, 'Access-Control-Request-Headers: x-one, x-two'));
        assert.equal(answer.status, 204);
        assert.deepEqual(corsOf(answer), {
          'allow-origin': site,
          'allow-credentials': 'true',
          'allow-methods': 'GET, HEAD, PUT, PATCH, POST, DELETE',
          'allow-headers': 'x-one, x-two',
          'max-age': '600',
          vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
        });
        const refused = await ask(port, get('/any', `Origin: ${site}`));
        assert.equal(refused.status, 401);
        assert.equal(corsOf(refused)['allow-origin'], site, 'a page may read that it has to log in');
      },
      { access },
    );
  });

  it('tells the configured methods, headers and time', async () => {
    await withServer(
      { origins: ['*'], methods: ['GET', 'PURGE'], allowHeaders: ['X-Key'], maxAge: 0 },
      async ({ port }) => {
        assert.deepEqual(corsOf(await ask(port, preflight('/', site, 'Access-Control-Request-Headers: x-other'))), {
          'allow-origin': '*',
          'allow-methods': 'GET, PURGE',
          'allow-headers': 'X-Key',
          'max-age': '0',
          vary: 'Access-Control-Request-Method, Access-Control-Request-Headers',
        });
      },
    );
  });

  it('T62 of a foreign origin is a 204 that allows nothing', async () => {
    await withServer({ origins: [site] }, async ({ port }) => {
      const answer = await ask(port, preflight('/', 'https://evil.example'));
      assert.equal(answer.status, 204);
      assert.deepEqual(Object.keys(corsOf(answer)), ['vary']);
    });
  });

  it('needs all its parts: any other OPTIONS goes to the flow', async () => {
    await withServer({ origins: [site] }, async ({ port }) => {
      const plain = await ask(port, requestText('OPTIONS', '/', [`Origin: ${site}`]));
      assert.equal(plain.status, 200);
      assert.equal(corsOf(plain)['allow-origin'], site);
    });
  });
});
