import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import * as engine from '../../../src/engine.js';
import { withServer } from '../../support/api-server.js';
import { ask, get } from '../../support/raw-client.js';

describe('the words of the API', () => {
  it('are all there', () => {
    const classes = [
      ...['Server', 'Route', 'Request', 'Headers', 'QueryParams', 'FormData', 'File', 'Files', 'Status', 'MIMETypes'],
      ...['Response', 'JSONResponse', 'FileResponse', 'ChunkedResponse', 'Redirect', 'SSEResponse', 'Websocket'],
      ...['Basic', 'Token', 'Bearer', 'asRoute', 'checkAuthentication', 'requireAuthentication'],
    ];
    for (const name of classes) assert.equal(typeof engine[name as keyof typeof engine], 'function', name);
  });

  it('can be required and imported by the name of the package', () => {
    const run = (...args: string[]): string =>
      execFileSync(process.execPath, args, { cwd: resolve(__dirname, '../../../..'), encoding: 'utf8' }).trim();
    const name = '@flow-http/node-red-http-server/engine';
    assert.equal(run('-p', `typeof require('${name}').Server`), 'function');
    const text = `import { Server, OK_200 } from '${name}'; console.log(typeof Server, String(OK_200));`;
    assert.equal(run('--input-type=module', '-e', text), 'function 200 OK');
  });

  it('are described in docs/engine.md, each of them', () => {
    const text = readFileSync(resolve(__dirname, '../../../../docs/engine.md'), 'utf8');
    for (const name of Object.keys(engine))
      assert.match(text, new RegExp(`^(### ${name}|- \`${name}: .*)$`, 'm'), `npm run docs: ${name} is missing`);
  });

  it('name methods by themselves', () => {
    const { GET, POST, PUT, DELETE, PATCH, HEAD, OPTIONS, TRACE, CONNECT } = engine;
    assert.deepEqual(
      [GET, POST, PUT, DELETE, PATCH, HEAD, OPTIONS, TRACE, CONNECT],
      ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT'],
    );
  });

  it('name what became of a request', () => {
    assert.deepEqual(
      [
        engine.NO_REQUEST,
        engine.CONNECTION_TIMED_OUT,
        engine.REQUEST_HANDLED_NO_RESPONSE,
        engine.REQUEST_HANDLED_RESPONSE_SENT,
      ],
      ['no_request', 'connection_timed_out', 'request_handled_no_response', 'request_handled_response_sent'],
    );
  });

  it('name nineteen statuses, each a code and its text', () => {
    const found = Object.entries(engine).filter(([name]) => /_\d{3}$/.test(name));
    assert.equal(found.length, 19);
    for (const [name, status] of found) {
      assert.ok(status instanceof engine.Status);
      assert.equal(name, `${status.text.toUpperCase().replace(/ /g, '_')}_${status.code}`);
      assert.equal(String(status), `${status.code} ${status.text}`);
      assert.ok(status.equals(new engine.Status(status.code)));
    }
  });

  it('name errors, each with stable codes', () => {
    const { HttpError, isException } = engine;
    assert.ok(isException(new HttpError('SERVER_STOPPED'), 'ServerStoppedError'));
    assert.ok(isException(new HttpError('AUTHENTICATION_REQUIRED'), 'AuthenticationError'));
    for (const code of ['PARENT_DIRECTORY_REFERENCE', 'BACKSLASH_IN_PATH', 'INVALID_PATH'] as const)
      assert.ok(isException(new HttpError(code), 'InvalidPathError'));
    assert.ok(isException(new HttpError('PARENT_DIRECTORY_REFERENCE'), 'ParentDirectoryReferenceError'));
    assert.ok(isException(new HttpError('BACKSLASH_IN_PATH'), 'BackslashInPathError'));
    assert.ok(isException(new HttpError('FILES_DISABLED'), 'ServingFilesDisabledError'));
    assert.ok(isException(new HttpError('FILE_NOT_FOUND'), 'FileNotExistsError'));
    assert.ok(!isException(new HttpError('FILE_NOT_FOUND'), 'InvalidPathError'));
    assert.ok(isException(new HttpError('INVALID_MESSAGE'), 'WebsocketError'));
    assert.ok(!isException(new Error('any'), 'WebsocketError'));
  });

  it('tell errors of files apart by what a handler catches', async () => {
    const { FileResponse, Response, isException } = engine;
    const names = [
      'ParentDirectoryReferenceError',
      'BackslashInPathError',
      'ServingFilesDisabledError',
      'FileNotExistsError',
    ] as const;
    await withServer(
      {},
      (server) =>
        void server.route('/', 'GET', async (request) => {
          try {
            const root = request.queryParams.get('root');
            await new FileResponse(request, request.queryParams.get('file', '', { safe: false }), root).send();
            return undefined;
          } catch (error) {
            const name = names.find((one) => isException(error, one));
            return new Response(request, `${String(name)}: ${(error as Error).message}`);
          }
        }),
      async ({ port }) => {
        const textOf = async (query: string): Promise<string> => (await ask(port, get(`/?${query}`))).text;
        assert.equal(
          await textOf('root=/&file=../x'),
          'ParentDirectoryReferenceError: Parent directory reference in path: ../x',
        );
        assert.equal(await textOf('root=/&file=a%5Cb'), 'BackslashInPathError: Backslash in path: a\\b');
        assert.match(await textOf('root=/none&file=x'), /^FileNotExistsError: /);
        assert.match(await textOf('file=x'), /^ServingFilesDisabledError: root_path must be provided/);
      },
    );
  });
});

describe('media types', () => {
  const typeOf = (types: engine.MIMETypes, name: string): string => types.getForFilename(name);

  it('are text/plain for unknown files, and known by the last extension in any case', () => {
    const types = new engine.MIMETypes();
    assert.equal(types.default, 'text/plain');
    assert.equal(typeOf(types, 'a.HTML'), 'text/html');
    assert.equal(typeOf(types, 'a.tar.gz'), 'application/gzip');
    assert.equal(typeOf(types, 'dir.d/file'), 'text/plain');
    assert.equal(typeOf(types, 'html'), 'text/plain');
    assert.equal(types.getForFilename('x.none', 'a/b'), 'a/b');
  });

  it('are configured in the order default, kept, added, and what was dropped is gone', () => {
    const types = new engine.MIMETypes();
    types.configure({ defaultTo: 'a/default', keepFor: ['.html', '.JPG'], register: { '.Lvl': 'a/level' } });
    assert.deepEqual(
      ['x.html', 'x.jpg', 'x.lvl', 'x.css', 'x.wasm'].map((name) => typeOf(types, name)),
      ['text/html', 'image/jpeg', 'a/level', 'a/default', 'a/default'],
    );
    types.configure({ keepFor: ['.lvl'] });
    assert.deepEqual(
      ['x.html', 'x.lvl', 'x.none'].map((name) => typeOf(types, name)),
      ['a/default', 'a/level', 'a/default'],
    );
    types.configure({ register: { '.lvl': 'a/other' } });
    assert.equal(typeOf(types, 'x.lvl'), 'a/other');
  });

  it('refuse an extension without a dot and one to keep that is not registered, and stay as they are', () => {
    const types = new engine.MIMETypes();
    assert.throws(() => types.configure({ keepFor: ['.zzz'] }), { message: /Extension "\.zzz" is not registered\. $/ });
    assert.throws(() => types.configure({ register: { foo: 'a/b' } }), {
      message: 'Invalid extension: "foo". All extensions must start with a dot.',
    });
    assert.throws(() => types.configure({ keepFor: ['html'] }), { code: 'INVALID_SETTING' });
    types.configure({ keepFor: ['.html'] });
    assert.throws(() => types.configure({ keepFor: ['.css'] }), { message: /"\.css" is not registered/ });
    assert.equal(typeOf(types, 'x.html'), 'text/html');
  });

  it('belong to one server each, and decide the type of a plain response', async () => {
    const build = (server: engine.Server): void =>
      void server.route('/', 'GET', (request) => new engine.Response(request, 'x'));
    await withServer({}, build, async (one) => {
      await withServer({}, build, async (two) => {
        one.server.mimeTypes.configure({ defaultTo: 'text/markdown' });
        assert.equal((await ask(one.port, get('/'))).get('content-type'), 'text/markdown; charset=utf-8');
        assert.equal((await ask(two.port, get('/'))).get('content-type'), 'text/plain; charset=utf-8');
      });
    });
  });
});
