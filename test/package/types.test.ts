import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { packageName, projectRoot } from '../support/node-red.js';
import { packTarball } from '../support/tarball.js';

const requireHere = createRequire(join(projectRoot, 'package.json'));

/** What somebody writes who knows the API: each line depends on a type of the engine. */
const program = `
import {
  type Answer, Basic, FileResponse, type Handler, HttpError, JSONResponse, OK_200, type PollResult, type Request,
  Response, Route, SSEResponse, Server, type ServerOptions, Status, Websocket, asRoute, isException, requireAuthentication,
} from '${packageName}/engine';

const options: ServerOptions = { rootPath: '.', headers: { 'X-A': ['1', '2'] }, limits: { bodyLimit: 1000 }, advertise: 'A' };
const server = new Server(options);
const answer: Handler = (request, { id }): Answer => new Response(request, String(id?.toUpperCase()), { status: OK_200 });
server.route('/a/<id>', ['GET', 'POST'], answer, { appendSlash: true });
server.addRoutes([asRoute('/b', 'GET', answer), new Route('/c', [], (request) => new JSONResponse(request, [1]))]);
server.requireAuthentication([new Basic('user', 'password')]);
server.route('/d', 'GET', async (request: Request) => {
  const { name } = await requireAuthentication(request, [new Basic('a', 'b')]);
  const [address, port] = request.clientAddress;
  const file = request.formData.files.get('f')?.contentBytes?.length ?? 0;
  return new Response(request, name + address + port.toFixed() + file.toFixed(), { status: new Status(299, 'Fine') });
});
server.route('/e', 'GET', (request) => new FileResponse(request, 'a.txt', '.', { asAttachment: true }));
server.route('/f', 'GET', (request) => {
  const stream = new SSEResponse(request);
  stream.onClose(() => undefined);
  const sent: boolean = stream.sendEvent({ a: 1 }, { id: 1 });
  return sent ? stream : undefined;
});
server.route('/g', 'GET', async (request) => {
  const socket = new Websocket(request, { maxMessageSize: 10 });
  for await (const message of socket) socket.sendMessage(typeof message === 'string' ? message : message.subarray(1));
  return socket;
});
export async function run(): Promise<PollResult> {
  await server.start('127.0.0.1', 0);
  try {
    return await server.poll(1);
  } catch (error) {
    if (isException(error, 'ServerStoppedError') && error instanceof HttpError) throw new Error(error.code);
    throw error;
  } finally {
    await server.stop();
  }
}
// @ts-expect-error -- a port is a number
void server.start('127.0.0.1', '80');
// @ts-expect-error -- what is no answer is none
server.route('/h', 'GET', () => 'text');
`;

const kinds = {
  'CommonJS, node16': { file: 'program.cts', module: 'node16', moduleResolution: 'node16' },
  'ESM, node16': { file: 'program.mts', module: 'node16', moduleResolution: 'node16' },
  'ESM, nodenext': { file: 'program.mts', module: 'nodenext', moduleResolution: 'nodenext' },
  'a bundler': { file: 'program.ts', module: 'esnext', moduleResolution: 'bundler' },
};

describe('the types of the engine, from the tarball', () => {
  let folder = '';
  before(() => {
    const packed = packTarball();
    folder = packed.folder;
    execFileSync('tar', ['-xzf', packed.path, '-C', folder]);
    const link = (name: string, target: string): void => {
      const path = join(folder, 'node_modules', name);
      mkdirSync(dirname(path), { recursive: true });
      symlinkSync(target, path, 'junction');
    };
    link(packageName, join(folder, 'package'));
    // What somebody has who writes TypeScript for Node, and no more: no types of our dependencies.
    for (const name of ['@types/node', 'undici-types'])
      link(name, dirname(requireHere.resolve(`${name}/package.json`)));
    for (const { file } of Object.values(kinds)) writeFileSync(join(folder, file), program);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [kind, { file, module, moduleResolution }] of Object.entries(kinds))
    it(`work for ${kind}`, () => {
      const options = ['--module', module, '--moduleResolution', moduleResolution, '--preserveSymlinks'];
      const strict = ['--strict', '--noEmit', '--target', 'es2022', '--types', 'node', '--exactOptionalPropertyTypes'];
      const tsc = requireHere.resolve('typescript/bin/tsc');
      const run = spawnSync(process.execPath, [tsc, ...options, ...strict, file], { cwd: folder, encoding: 'utf8' });
      assert.equal(run.stdout, '');
      assert.equal(run.status, 0);
    });
});
