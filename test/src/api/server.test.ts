import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import {
  CONNECTION_TIMED_OUT,
  FileResponse,
  Headers,
  HttpError,
  NO_REQUEST,
  REQUEST_HANDLED_NO_RESPONSE,
  REQUEST_HANDLED_RESPONSE_SENT,
  Redirect,
  Response,
  type ResponseHeaders,
  Route,
  Server,
  Token,
  asRoute,
} from '../../../src/engine.js';
import { withServer } from '../../support/api-server.js';
import { RawClient, ask, get, post, requestText } from '../../support/raw-client.js';
import { selfSigned } from '../../support/self-signed.js';
import { eventually, logInto } from '../../support/test-server.js';

const folder = mkdtempSync(join(tmpdir(), 'api-server-'));
writeFileSync(join(folder, 'index.html'), 'index');
writeFileSync(join(folder, 'a.txt'), 'text');
after(() => rmSync(folder, { recursive: true, force: true }));

const code = (expected: string) => (error: unknown) => error instanceof HttpError && error.code === expected;
const hello = (server: Server): void => void server.route('/', 'GET', (request) => new Response(request, 'hello'));

describe('a server', () => {
  it('is made without listening, starts on a host and port, and stops', async () => {
    const server = new Server({ logger: logInto([]) });
    assert.deepEqual([server.stopped, server.host, server.port, server.url], [true, undefined, undefined, '']);
    await server.start('127.0.0.1', 0);
    assert.equal(server.stopped, false);
    assert.equal(server.host, '127.0.0.1');
    assert.ok((server.port ?? 0) > 0);
    assert.equal(server.url, `http://127.0.0.1:${String(server.port)}/`);
    assert.equal(String(server), `<Server host=127.0.0.1, port=${String(server.port)}, rootPath=>`);
    await server.stop();
    assert.deepEqual([server.stopped, server.host, server.port], [true, undefined, undefined]);
    await server.stop();
  });

  it('starts again on the same port', async () => {
    await withServer({}, hello, async ({ server, port }) => {
      await server.stop();
      await server.start('127.0.0.1', port);
      assert.equal((await ask(port, get('/'))).text, 'hello');
    });
  });

  it('refuses to start twice and goes on listening', async () => {
    await withServer({}, hello, async ({ server, port }) => {
      await assert.rejects(server.start('127.0.0.1', 0), code('LISTEN_FAILED'));
      assert.equal((await ask(port, get('/'))).status, 200);
    });
  });

  it('is stopped after it could not have its port', async () => {
    const other = net.createServer().listen(0, '127.0.0.1');
    await new Promise((done) => other.once('listening', done));
    const server = new Server({ logger: logInto([]) });
    await assert.rejects(server.start('127.0.0.1', (other.address() as AddressInfo).port), code('PORT_IN_USE'));
    assert.equal(server.stopped, true);
    other.close();
    await assert.rejects(server.start('203.0.113.9', 0), code('LISTEN_FAILED'));
    assert.equal(server.stopped, true);
    await server.start('127.0.0.1', 0);
    await server.stop();
  });

  it('serves until it is stopped, by one of its handlers for instance, whose answer is still sent', async () => {
    const server = new Server({ logger: logInto([]) });
    server.route('/stop', 'GET', (request) => {
      void server.stop();
      return new Response(request, 'bye');
    });
    const served = server.serveForever('127.0.0.1', 0);
    await eventually('listening', () => !server.stopped);
    const response = await ask(server.port ?? 0, get('/stop'));
    assert.equal(response.text, 'bye');
    await served;
    assert.equal(server.stopped, true);
  });

  it('serves requests at the same time on kept connections', async () => {
    let release: () => void = () => undefined;
    const waiting = new Promise<void>((done) => (release = done));
    await withServer(
      {},
      (server) => {
        server.route('/slow', 'GET', async (request) => {
          await waiting;
          return new Response(request, 'slow');
        });
        server.route('/', 'GET', (request) => new Response(request, 'fast'));
      },
      async ({ port }) => {
        const slow = ask(port, get('/slow'));
        const client = await RawClient.open(port);
        client.send(get('/') + get('/'));
        assert.deepEqual(
          (await client.responses(2)).map(({ text }) => text),
          ['fast', 'fast'],
        );
        client.destroy();
        release();
        assert.equal((await slow).text, 'slow');
      },
    );
  });

  it('is one of several, each with its own routes, headers, files and credentials', async () => {
    const shared = (server: Server): void =>
      void server.route(
        '/who',
        'GET',
        (request) => new Response(request, request.server === server ? 'mine' : 'other'),
      );
    await withServer({ headers: { 'X-Server': 'one' }, rootPath: folder }, shared, async (one) => {
      await withServer({ headers: { 'X-Server': 'two' } }, shared, async (two) => {
        assert.equal((await ask(one.port, get('/who'))).text, 'mine');
        assert.equal((await ask(two.port, get('/who'))).get('x-server'), 'two');
        assert.equal((await ask(one.port, get('/a.txt'))).text, 'text');
        assert.equal((await ask(two.port, get('/a.txt'))).status, 404);
        two.server.requireAuthentication([new Token('two')]);
        assert.equal((await ask(two.port, get('/who'))).status, 401);
        assert.equal((await ask(two.port, get('/who', 'Authorization: Token two'))).status, 200);
        assert.equal((await ask(one.port, get('/who'))).status, 200);
      });
    });
  });

  it('demands certificate and key for HTTPS', async () => {
    assert.throws(() => new Server({ https: true, certfile: 'cert.pem' }), {
      message: 'Both certfile and keyfile must be specified for HTTPS',
      code: 'INVALID_SETTING',
    });
    const server = new Server({
      https: true,
      certfile: '/none/cert.pem',
      keyfile: '/none/key.pem',
      logger: logInto([]),
    });
    await assert.rejects(server.start('127.0.0.1', 0), code('BAD_CERTIFICATE'));
  });

  it('speaks HTTPS, and says so to who speaks HTTP to it', async () => {
    const { cert, key } = selfSigned();
    writeFileSync(join(folder, 'cert.pem'), cert);
    writeFileSync(join(folder, 'key.pem'), key);
    const options = { https: true, certfile: join(folder, 'cert.pem'), keyfile: join(folder, 'key.pem') };
    await withServer(options, hello, async ({ server, port }) => {
      assert.equal(server.https, true);
      assert.match(server.url, /^https:/);
      const client = await RawClient.open(port, { secure: { ca: cert, servername: 'localhost' } });
      assert.equal((await client.send(get('/')).response()).text, 'hello');
      client.destroy();
      const plain = await ask(port, get('/'));
      assert.equal(plain.status, 400);
      assert.match(plain.text, /speaks HTTPS/);
    });
  });

  it('warns once that the root "/" shows all files, with debug only', () => {
    const warnings = (options: object): number => {
      const log: string[] = [];
      new Server({ ...options, logger: logInto(log) });
      return log.filter((line) => line.startsWith('warn WARNING: Setting rootPath')).length;
    };
    assert.deepEqual(
      [warnings({ rootPath: '/', debug: true }), warnings({ rootPath: '/' }), warnings({ debug: true })],
      [1, 0, 0],
    );
  });
});

describe('routes', () => {
  it('are tried in their order: the first whose method and path fit serves', async () => {
    const answer = (text: string) => (request: ConstructorParameters<typeof Response>[0]) =>
      new Response(request, text);
    await withServer(
      {},
      (server) => {
        server.route('/a/<x>', 'GET', answer('parameter'));
        server.route('/a/b', 'GET', answer('literal'));
        server.route('/a/<x>', ['POST', 'REPORT'], answer('posted'));
        server.addRoutes([new Route('/late', 'GET', answer('first')), new Route('/late', 'GET', answer('second'))]);
      },
      async ({ port }) => {
        assert.equal((await ask(port, get('/a/b'))).text, 'parameter');
        assert.equal((await ask(port, post('/a/b', ''))).text, 'posted');
        assert.equal((await ask(port, get('/late'))).text, 'first');
      },
    );
  });

  it('share a handler, which gets the parameters by name', async () => {
    await withServer(
      {},
      (server) => {
        const handler = server.route(
          '/a/<id>',
          'GET',
          (request, params) => new Response(request, JSON.stringify(params)),
        );
        server.route('/b/<id>/<name>', 'GET', handler);
        server.addRoutes([
          asRoute('/c/.../....', ['GET'], (request, params) => new Response(request, JSON.stringify(params))),
        ]);
      },
      async ({ port }) => {
        assert.equal((await ask(port, get('/a/1'))).text, '{"id":"1"}');
        assert.equal((await ask(port, get('/b/1/%C3%BC'))).text, '{"id":"1","name":"ü"}');
        assert.equal((await ask(port, get('/c/x/y/z'))).text, '{"0":"x","1":"y/z"}');
      },
    );
  });

  it('leave what they do not take to the files, then 405 with Allow, 204 to OPTIONS, or 404', async () => {
    await withServer({ rootPath: folder }, hello, async ({ port }) => {
      assert.equal((await ask(port, get('/a.txt'))).text, 'text');
      const head = await ask(port, requestText('HEAD', '/a.txt'), { head: true });
      assert.deepEqual([head.status, head.get('content-length')], [200, '4']);
      const refused = await ask(port, post('/', 'x'));
      assert.deepEqual([refused.status, refused.get('allow')], [405, 'GET, HEAD, OPTIONS']);
      assert.equal((await ask(port, requestText('OPTIONS', '/'))).status, 204);
      assert.equal((await ask(port, post('/none', 'x'))).status, 404);
      const missing = await ask(port, get('/none'));
      assert.deepEqual([missing.status, missing.text], [404, 'File not found']);
    });
  });

  it('find no file where the server has no root folder, whatever the method', async () => {
    await withServer({}, hello, async ({ port }) => {
      for (const method of ['GET', 'DELETE']) {
        const missing = await ask(port, requestText(method, '/a.txt'));
        assert.deepEqual([missing.status, missing.text], [404, 'Not Found']);
      }
    });
  });

  it('serve another root folder once it was changed', async () => {
    await withServer({}, hello, async ({ server, port }) => {
      server.rootPath = folder;
      assert.equal((await ask(port, get('/a.txt'))).text, 'text');
      server.rootPath = undefined;
      assert.equal((await ask(port, get('/a.txt'))).status, 404);
    });
  });

  it('answer HEAD by their GET handler without its body', async () => {
    await withServer({}, hello, async ({ port }) => {
      const client = await RawClient.open(port);
      client.send(requestText('HEAD', '/') + get('/'));
      const head = await client.response({ head: true });
      assert.deepEqual([head.status, head.get('content-length')], [200, '5']);
      assert.equal((await client.response()).text, 'hello');
      client.destroy();
    });
  });
});

describe('a handler', () => {
  it('that throws is answered 500 for, with the trace in the log only, and the server goes on', async () => {
    await withServer(
      {},
      (server) => {
        hello(server);
        server.route('/throw', 'GET', () => {
          throw new Error('my secret');
        });
        server.route('/reject', 'GET', () => Promise.reject(new Error('another secret')));
        server.route('/reset', 'GET', () => {
          throw Object.assign(new Error('of a connection of its own'), { code: 'ECONNRESET' });
        });
      },
      async ({ port, log }) => {
        for (const path of ['/throw', '/reject', '/reset']) {
          const response = await ask(port, get(path));
          assert.equal(response.status, 500);
          assert.equal(response.text, 'Internal Server Error');
        }
        assert.match(log.join('\n'), /error Request [\da-f]{12} failed: Error: my secret\n\s+at /);
        assert.equal((await ask(port, get('/'))).status, 200);
      },
    );
  });

  it('that returns nothing, or what is no response, is answered 500 for', async () => {
    await withServer(
      {},
      (server) => {
        server.route('/nothing', 'GET', () => undefined);
        server.route('/text', 'GET', (() => 'text') as never);
      },
      async ({ port, log }) => {
        assert.equal((await ask(port, get('/nothing'))).status, 500);
        assert.equal((await ask(port, get('/text'))).status, 500);
        assert.match(log.join('\n'), /The handler of <Route path=\/nothing, methods=GET> returned no response\./);
      },
    );
  });

  it('may answer by the live response and return nothing', async () => {
    await withServer(
      {},
      (server) => void server.route('/', 'GET', (request) => void request.response.status(202).send('raw')),
      async ({ port, log }) => {
        assert.deepEqual([(await ask(port, get('/'))).status, log], [202, []]);
      },
    );
  });

  it('that throws an error of the API is answered with its status', async () => {
    await withServer(
      { rootPath: folder },
      (server) => {
        server.route('/none', 'GET', (request) => new FileResponse(request, 'none.txt'));
        server.route('/up', 'GET', (request) => new FileResponse(request, '../none.txt'));
        server.route('/401', 'GET', () => {
          throw new HttpError('AUTHENTICATION_REQUIRED');
        });
      },
      async ({ port, log }) => {
        assert.deepEqual(
          [(await ask(port, get('/none'))).status, (await ask(port, get('/none'))).text],
          [404, 'File not found'],
        );
        assert.deepEqual(
          [(await ask(port, get('/up'))).status, (await ask(port, get('/up'))).text],
          [403, 'Invalid path'],
        );
        assert.equal((await ask(port, get('/401'))).status, 401);
        assert.deepEqual(log, []);
      },
    );
  });

  it('that never answers is answered 504 for', async () => {
    await withServer(
      { limits: { responseTimeout: 0.2 } },
      (server) => void server.route('/', 'GET', () => new Promise<never>(() => undefined)),
      async ({ port }) => assert.equal((await ask(port, get('/'))).status, 504),
    );
  });
});

describe('default headers', () => {
  const build = (server: Server): void => {
    hello(server);
    server.route('/own', 'GET', (request) => new Response(request, '', { headers: { 'x-default': 'own' } }));
    server.route('/redirect', 'GET', (request) => new Redirect(request, '/'));
  };

  it('are on every response that does not set them: errors, redirects, malformed requests', async () => {
    await withServer({ headers: { 'X-Default': 'yes' } }, build, async ({ port }) => {
      for (const path of ['/', '/none', '/redirect'])
        assert.equal((await ask(port, get(path))).get('x-default'), 'yes');
      assert.equal((await ask(port, get('/own'))).get('x-default'), 'own');
      assert.equal((await ask(port, 'nonsense\r\n\r\n')).get('x-default'), 'yes');
    });
  });

  it('send all their values', async () => {
    await withServer({ headers: { Link: ['</a>', '</b>'] } }, build, async ({ port }) => {
      assert.deepEqual((await ask(port, get('/'))).all('link'), ['</a>', '</b>']);
    });
  });

  it('can be changed while the server runs', async () => {
    await withServer({ securityHeaders: true }, build, async ({ server, port }) => {
      server.headers.set('X-Live', '1');
      server.headers.add('x-live', '2');
      assert.deepEqual((await ask(port, get('/'))).all('x-live'), ['1', '2']);
      for (const headers of [{ 'X-New': 'n' }, new Headers({ 'X-New': 'n' }), 'X-New: n'] satisfies ResponseHeaders[]) {
        server.headers = headers;
        const response = await ask(port, get('/'));
        assert.deepEqual([response.get('x-live'), response.get('x-new')], [undefined, 'n']);
        assert.equal(response.get('x-content-type-options'), 'nosniff');
      }
      assert.equal(server.headers.get('x-new'), 'n');
    });
  });
});

describe('poll', () => {
  const build = (server: Server): void => {
    hello(server);
    server.route('/nothing', 'GET', () => undefined);
  };

  it('tells what became of each request, in order', async () => {
    await withServer({ limits: { headersTimeout: 0.2 } }, build, async ({ server, port }) => {
      assert.equal(await server.poll(), NO_REQUEST);
      await ask(port, get('/'));
      await ask(port, get('/nothing'));
      assert.equal(await server.poll(5), REQUEST_HANDLED_RESPONSE_SENT);
      assert.equal(await server.poll(5), REQUEST_HANDLED_NO_RESPONSE);
      assert.equal(await server.poll(0.01), NO_REQUEST);
    });
  });

  it('tells of a request whose body did not come', async () => {
    const add = (server: Server): void => void server.route('/', 'POST', (request) => new Response(request));
    await withServer({ limits: { bodyProgressTimeout: 0.2 } }, add, async ({ server, port }) => {
      const next = server.poll(10);
      assert.equal((await ask(port, requestText('POST', '/', ['Content-Length: 5']))).status, 408);
      assert.equal(await next, CONNECTION_TIMED_OUT);
    });
  });

  it('fails on a stopped server, and ends when the server stops', async () => {
    await withServer({}, build, async ({ server }) => {
      const next = server.poll(60);
      await server.stop();
      assert.equal(await next, NO_REQUEST);
      await assert.rejects(server.poll(), code('SERVER_STOPPED'));
    });
  });
});

describe('settings', () => {
  it('bound a body by requestBufferSize', async () => {
    const add = (server: Server): void =>
      void server.route('/', 'POST', (request) => new Response(request, String(request.body.length)));
    await withServer({}, add, async ({ server, port }) => {
      assert.equal((await ask(port, post('/', Buffer.alloc(100_000)))).text, '100000');
      server.requestBufferSize = 1000;
      assert.equal(server.requestBufferSize, 1000);
      assert.equal((await ask(port, post('/', Buffer.alloc(1001)))).status, 413);
      assert.throws(() => (server.requestBufferSize = 0), code('INVALID_SETTING'));
    });
  });

  it('bound a slow client by socketTimeout', async () => {
    await withServer({}, hello, async ({ server, port }) => {
      server.socketTimeout = 0.2;
      assert.equal(server.socketTimeout, 0.2);
      for (const wrong of [0, -1, NaN, '1' as never])
        assert.throws(() => (server.socketTimeout = wrong), {
          message: 'Server.socketTimeout must be a positive numeric value.',
        });
      const [silent, slow] = [await RawClient.open(port), await RawClient.open(port)];
      slow.send('GET / HT');
      assert.match(await slow.closed(), /^HTTP\/1\.1 408 /);
      assert.equal(await silent.closed(), '');
    });
  });

  it('refuse what cannot work', () => {
    assert.throws(() => new Server({ cors: { origins: ['/[/'] } }), code('INVALID_SETTING'));
    assert.throws(() => new Server({ headers: { 'X-Bad': 'a\r\nb' } }), code('INVALID_HEADER'));
  });
});

describe('debug', () => {
  it('logs start, each response and stop in the words of the API', async () => {
    const log: string[] = [];
    let port = 0;
    await withServer({ debug: true, logger: logInto(log) }, hello, async (started) => {
      port = started.port;
      await ask(port, get('/?a=1&b=<'));
      await ask(port, get('/none'));
      await eventually('the log', () => log.length === 3);
    });
    assert.equal(log[0], `info Started development server on http://127.0.0.1:${port}`);
    assert.match(log[1] ?? '', /^info 127\.0\.0\.1 -- "GET \/\?a=1&b=<" \d+ -- "200 OK" \d+ -- \d+ms$/);
    assert.match(log[2] ?? '', /^info 127\.0\.0\.1 -- "GET \/none" \d+ -- "404 Not Found" \d+ -- \d+ms$/);
    assert.equal(log[3], 'info Stopped development server');
  });

  it('names the reason in error bodies, and can be switched', async () => {
    await withServer(
      { rootPath: folder },
      () => undefined,
      async ({ server, port, log }) => {
        const up = get('/..%2fx');
        assert.equal((await ask(port, up)).text, 'Invalid path');
        const json = await ask(port, get('/none', 'Accept: application/json'));
        assert.deepEqual(JSON.parse(json.text), { status: 404, error: 'File not found', code: 'FILE_NOT_FOUND' });
        server.debug = true;
        assert.equal(server.debug, true);
        assert.equal((await ask(port, up)).text, 'Parent directory reference in path: /../x');
        assert.equal((await ask(port, get('/a%5Cb'))).text, 'Backslash in path: /a\\b');
        assert.match((await ask(port, get('/none'))).text, new RegExp(`File does not exist: ${folder}/none`));
        server.debug = false;
        const lines = log.length;
        await ask(port, get('/none'));
        assert.equal(log.length, lines);
      },
    );
  });
});
