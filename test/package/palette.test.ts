/** A person's way with the palette manager: upload the tarball, use it, upgrade and remove it while its server runs. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Flow, NodeRedProcess, type NodeRedVersion, freePort, packageName } from '../support/node-red.js';
import { packTarball } from '../support/tarball.js';
import { waitFor } from '../support/wait-for.js';

interface NodeSet {
  readonly module: string;
  readonly name: string;
  readonly err?: string;
  readonly version: string;
  readonly pending_version?: string;
}

const NEWER = '99.0.0';
const current = packTarball();
const newer = packTarball(NEWER);
after(() => {
  for (const { folder } of [current, newer]) rmSync(folder, { recursive: true });
});

for (const version of ['4.1', '5.0'] satisfies NodeRedVersion[]) {
  describe(`the palette manager of Node-RED ${version}`, () => {
    const userDir = mkdtempSync(join(tmpdir(), 'palette-'));
    let nodeRed: NodeRedProcess;
    let port: number;
    let flow: Flow;

    before(async () => {
      writeFileSync(join(userDir, 'package.json'), '{ "name": "palette", "version": "1.0.0", "private": true }');
      nodeRed = await NodeRedProcess.start({ version, userDir });
      port = await freePort();
      flow = [
        { id: 'tab', type: 'tab' },
        { id: 'server', type: 'http-server-config', host: '127.0.0.1', port: String(port) },
        { id: 'in', type: 'http-server-in', z: 'tab', server: 'server', x: 0, y: 0, wires: [['answer']] },
        { id: 'answer', type: 'http-server-response', z: 'tab', mode: 'json', x: 0, y: 0, wires: [] },
      ];
    });
    after(() => nodeRed.stop());

    function upload(path: string): Promise<Response> {
      const form = new FormData();
      form.append('tarball', new Blob([readFileSync(path)], { type: 'application/gzip' }), basename(path));
      return nodeRed.admin('/nodes', { method: 'POST', body: form });
    }

    async function ours(): Promise<NodeSet[]> {
      const sets = (await (await nodeRed.admin('/nodes')).json()) as NodeSet[];
      return sets.filter(({ module }) => module === packageName);
    }

    const answer = async (): Promise<unknown> => (await fetch(`http://127.0.0.1:${port}/?a=1`)).json();
    /** A server begins to listen when the flows have started. */
    const firstAnswer = (): Promise<unknown> => waitFor('an answer', () => answer().catch(() => undefined), 30_000);

    it('installs the tarball, and every node works without a restart', async () => {
      const installed = await upload(current.path);
      assert.equal(installed.status, 200, await installed.text());
      const sets = await ours();
      assert.ok(sets.length >= 10);
      assert.deepEqual(
        sets.filter(({ err }) => err !== undefined),
        [],
      );
      await nodeRed.deploy(flow);
      assert.deepEqual(await firstAnswer(), { a: '1' });
    });

    it('offers the sidebar and its texts', async () => {
      const page = await (await nodeRed.admin('/plugins', { headers: { Accept: 'text/html' } })).text();
      assert.match(page, /red-plugin:@flow-http\/node-red-http-server\/http-servers/);
      const texts = await (await nodeRed.admin('/plugins/messages?lng=en-US')).text();
      assert.match(texts, /HTTP servers/);
      assert.equal((await nodeRed.admin('/http-servers')).status, 200);
    });

    it('upgrades while the server runs: the old one serves until Node-RED restarts, then the new one', async () => {
      const upgraded = await upload(newer.path);
      assert.equal(upgraded.status, 200, await upgraded.text());
      assert.deepEqual([...new Set((await ours()).map((set) => set.pending_version))], [NEWER]);
      assert.deepEqual(await answer(), { a: '1' });
      nodeRed = await nodeRed.restart({ version });
      assert.deepEqual([...new Set((await ours()).map((set) => set.version))], [NEWER]);
      assert.deepEqual(await firstAnswer(), { a: '1' });
    });

    it('is not removed while its server runs; a deploy without it frees the port, and then it goes', async () => {
      const refused = await nodeRed.admin(`/nodes/${packageName}`, { method: 'DELETE' });
      assert.equal(((await refused.json()) as { code: string }).code, 'type_in_use');
      assert.deepEqual(await answer(), { a: '1' });
      await nodeRed.deploy([{ id: 'tab', type: 'tab' }]);
      const removed = await nodeRed.admin(`/nodes/${packageName}`, { method: 'DELETE' });
      assert.equal(removed.status, 204, await removed.text());
      assert.deepEqual(await ours(), []);
      await waitFor('a free port', () =>
        answer().then(
          () => false,
          () => true,
        ),
      );
      assert.doesNotMatch(nodeRed.log, /\[red\] Uncaught|UnhandledPromise/i);
    });
  });
}
