import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { projectRoot } from '../support/node-red.js';

describe('The start of Node-RED', () => {
  const nodes = join(projectRoot, 'dist', 'nodes');
  const files = readdirSync(nodes)
    .map((name) => join(nodes, name, `${name}.js`))
    .filter((file) => existsSync(file));
  const script = `${files.map((file) => `require(${JSON.stringify(file)});`).join('')}
    process.stdout.write(JSON.stringify(Object.keys(require.cache)));`;
  const loaded = JSON.parse(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' })) as string[];

  it('loads no library before a flow needs it, but what must work when no descriptor is left', () => {
    assert.ok(files.length >= 10);
    assert.deepEqual(
      loaded.filter((file) => /node_modules\/(?!busboy|streamsearch)/.test(file)),
      [],
    );
  });

  it('loads no event stream, WebSocket or authenticator before a flow has one', () => {
    for (const part of ['sse/channel', 'websocket/channel', 'websocket/connection', 'auth/authenticators'])
      assert.deepEqual(
        loaded.filter((file) => file.endsWith(join('src', `${part}.js`))),
        [],
        part,
      );
  });
});
