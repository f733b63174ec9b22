import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  Basic,
  Bearer,
  Htpasswd,
  Response,
  type Server,
  Token,
  checkAuthentication,
  hashPassword,
  isException,
  requireAuthentication,
} from '../../../src/engine.js';
import { withServer } from '../../support/api-server.js';
import { ask, get, post, requestText } from '../../support/raw-client.js';
import { eventually } from '../../support/test-server.js';

const auths = [new Basic('user', 'password'), new Token('t;"x'), new Bearer('b', { name: 'robot' })];
const login = 'Authorization: Basic dXNlcjpwYXNzd29yZA==';
const build = (server: Server): void => {
  server.route('/', [], (request) => new Response(request, `${request.user?.scheme} ${request.user?.name}`));
};

describe('a server that demands authentication', () => {
  it('lets any one of the list in, and tells handlers who it is', async () => {
    await withServer({ realm: 'Shed' }, build, async ({ server, port }) => {
      server.requireAuthentication(auths);
      assert.equal((await ask(port, get('/', login))).text, 'basic user');
      assert.equal((await ask(port, get('/', 'Authorization: basic dXNlcjpwYXNzd29yZA=='))).text, 'basic user');
      assert.equal((await ask(port, get('/', 'Authorization: Token t;"x'))).text, 'token token');
      assert.equal((await ask(port, get('/', 'Authorization: Bearer b'))).text, 'bearer robot');
      assert.equal((await ask(port, get('/', 'Authorization: Token b'))).status, 401);
      assert.equal((await ask(port, get('/', 'Authorization: Bearer t;"x'))).status, 401);
    });
  });

  it('asks before anything else: for unknown paths, wrong methods, bodies and files', async () => {
    await withServer({ realm: 'Shed', rootPath: '.' }, build, async ({ server, port }) => {
      server.requireAuthentication(auths);
      for (const text of [get('/none'), get('/package.json'), requestText('DELETE', '/none'), post('/', 'x')]) {
        const response = await ask(port, text);
        assert.equal(response.status, 401);
        assert.deepEqual(response.all('www-authenticate'), [
          'Token realm="Shed"',
          'Bearer realm="Shed"',
          'Basic realm="Shed", charset="UTF-8"',
        ]);
      }
    });
  });

  it('asks for nothing any more with an empty list', async () => {
    await withServer({}, build, async ({ server, port }) => {
      server.requireAuthentication(auths);
      assert.equal((await ask(port, get('/'))).status, 401);
      server.requireAuthentication([]);
      assert.equal((await ask(port, get('/'))).status, 200);
    });
  });

  it('takes a password as a hash', async () => {
    const stored = await hashPassword('secret');
    await withServer({}, build, async ({ server, port }) => {
      server.requireAuthentication([new Basic('user', stored)]);
      const right = Buffer.from('user:secret').toString('base64');
      assert.equal((await ask(port, get('/', `Authorization: Basic ${right}`))).text, 'basic user');
      const wrong = Buffer.from(`user:${stored}`).toString('base64');
      assert.equal((await ask(port, get('/', `Authorization: Basic ${wrong}`))).status, 401);
    });
  });
});

describe('a password file', () => {
  it('that is missing lets nobody in, and the log says why', async () => {
    await withServer({}, build, async ({ server, port, log }) => {
      server.requireAuthentication([new Htpasswd('/none/users')]);
      assert.equal((await ask(port, get('/', login))).status, 503);
      await eventually('the log', () =>
        log.some((line) => /^warn Nobody can come in by it: .*\/none\/users/.test(line)),
      );
    });
  });
});

describe('a handler', () => {
  const ask401 = (server: Server): void => {
    server.route(
      '/check',
      'GET',
      async (request) => new Response(request, String(await checkAuthentication(request, auths))),
    );
    server.route('/require', 'GET', async (request) => {
      const user = await requireAuthentication(request, auths);
      return new Response(request, `${user.name} ${String(request.user === user)}`);
    });
    server.route('/caught', 'GET', async (request) => {
      try {
        await requireAuthentication(request, auths);
      } catch (error) {
        return new Response(request, String(isException(error, 'AuthenticationError')), { status: 401 });
      }
      return new Response(request);
    });
  };

  it('can check who asks', async () => {
    await withServer({}, ask401, async ({ port }) => {
      assert.equal((await ask(port, get('/check'))).text, 'false');
      assert.equal((await ask(port, get('/check', login))).text, 'true');
    });
  });

  it('can demand authentication, or catch that it is missing', async () => {
    await withServer({}, ask401, async ({ port }) => {
      const refused = await ask(port, get('/require'));
      assert.deepEqual(
        [refused.status, refused.text, refused.all('www-authenticate').length],
        [401, 'Unauthorized', 3],
      );
      assert.equal((await ask(port, get('/require', login))).text, 'user true');
      const caught = await ask(port, get('/caught'));
      assert.deepEqual([caught.status, caught.text, caught.get('www-authenticate')], [401, 'true', undefined]);
    });
  });

  it('T52 can demand what a token allows', async () => {
    const tokens = [...auths, new Bearer('w', { name: 'writer', scopes: ['read', 'write'] })];
    const build = (server: Server): void => {
      server.route('/', 'GET', async (request) => {
        const user = await requireAuthentication(request, tokens, ['write']);
        return new Response(request, user.name);
      });
    };
    await withServer({ realm: 'Shed' }, build, async ({ port }) => {
      assert.equal((await ask(port, get('/', 'Authorization: Bearer w'))).text, 'writer');
      const refused = await ask(port, get('/', 'Authorization: Bearer b'));
      assert.deepEqual(
        [refused.status, refused.get('www-authenticate')],
        [403, 'Bearer realm="Shed", error="insufficient_scope", scope="write"'],
      );
      assert.equal((await ask(port, get('/', login))).status, 403);
      assert.equal((await ask(port, get('/'))).status, 401);
    });
  });

  it('is guarded against guessing', async () => {
    await withServer({ lockout: 2 }, ask401, async ({ port }) => {
      const wrong = get('/require', `Authorization: Basic ${Buffer.from('user:no').toString('base64')}`);
      assert.equal((await ask(port, wrong)).status, 401);
      assert.equal((await ask(port, wrong)).status, 401);
      assert.equal((await ask(port, get('/require', login))).status, 429);
    });
  });
});
