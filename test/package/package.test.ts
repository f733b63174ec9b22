import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  type Flow,
  NodeRedProcess,
  type NodeRedVersion,
  freePort,
  packageName,
  pause,
  projectRoot,
} from '../support/node-red.js';

const work = mkdtempSync(join(tmpdir(), 'pack-'));
const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
  version: string;
  dependencies: Record<string, string>;
  engines: { node: string };
  keywords: string[];
  license: string;
  'node-red': { version: string; nodes: Record<string, string> };
};
let tarball = '';
let files: string[] = [];

before(() => {
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', work], {
      cwd: projectRoot,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  ) as { filename: string; files: { path: string }[] }[];
  assert.ok(packed);
  tarball = join(work, packed.filename);
  files = packed.files.map((file) => file.path);
});
after(() => rmSync(work, { recursive: true, force: true }));

describe('the tarball', () => {
  it('holds what runs and nothing else', () => {
    for (const file of files)
      assert.match(
        file,
        /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/src\/.*\.(js|d\.ts)|dist\/(nodes|plugins)\/.*\.(js|d\.ts|html|json|svg)|examples\/.*\.json)$/,
      );
    for (const file of ['README.md', 'LICENSE', 'CHANGELOG.md']) assert.ok(files.includes(file), file);
  });

  it('has for each node its runtime, its editor part, its texts and its icon', () => {
    for (const [name, runtime] of Object.entries(manifest['node-red'].nodes)) {
      const folder = `dist/nodes/${name}`;
      assert.equal(runtime, `${folder}/${name}.js`);
      const isConfig = /category:\s*['"]config['"]/.test(
        readFileSync(join(projectRoot, folder, `${name}.html`), 'utf8'),
      );
      const wanted = [
        runtime,
        `${folder}/${name}.html`,
        `${folder}/locales/en-US/${name}.json`,
        `${folder}/locales/en-US/${name}.html`,
      ];
      if (!isConfig) wanted.push(`${folder}/icons/${name}.svg`);
      for (const file of wanted) assert.ok(files.includes(file), `${file} is missing`);
    }
  });

  it('T88 has at most six dependencies and no install script', () => {
    assert.ok(Object.keys(manifest.dependencies).length <= 6);
    const lock = JSON.parse(readFileSync(join(projectRoot, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { dev?: boolean; devOptional?: boolean; hasInstallScript?: boolean }>;
    };
    for (const [path, entry] of Object.entries(lock.packages))
      if (path !== '' && !entry.dev && !entry.devOptional)
        assert.notEqual(entry.hasInstallScript, true, `${path} has an install script`);
  });

  it('declares the platform it runs on', () => {
    assert.equal(manifest.engines.node, '>=18');
    assert.equal(manifest['node-red'].version, '>=4.0.0');
    assert.ok(manifest.keywords.includes('node-red'));
    assert.equal(manifest.license, 'MIT');
  });
});

for (const version of ['4.1', '5.0'] satisfies NodeRedVersion[]) {
  describe(`installed into a fresh user directory of Node-RED ${version}`, () => {
    const userDir = mkdtempSync(join(tmpdir(), 'pack-user-'));
    let nodeRed: NodeRedProcess;
    let port = 0;

    before(async () => {
      writeFileSync(join(userDir, 'package.json'), '{ "name": "fresh", "version": "1.0.0", "private": true }');
      execFileSync('npm', ['install', '--no-audit', '--no-fund', '--omit=dev', tarball], {
        cwd: userDir,
        stdio: 'ignore',
      });
      port = await freePort();
      nodeRed = await NodeRedProcess.start({ version, userDir, env: { HTTP_PORT: String(port) } });
    });
    after(() => nodeRed.stop());

    it('loads every node set without an error', async () => {
      const sets = (await (await nodeRed.admin('/nodes')).json()) as {
        module: string;
        name: string;
        err?: string;
        enabled: boolean;
        types: string[];
      }[];
      const ours = sets.filter((set) => set.module === packageName);
      assert.deepEqual(ours.map((set) => set.name).sort(), Object.keys(manifest['node-red'].nodes).sort());
      for (const set of ours) {
        assert.equal(set.err, undefined, `${set.name}: ${set.err ?? ''}`);
        assert.equal(set.enabled, true);
        assert.deepEqual(set.types, [set.name]);
      }
    });

    it('deploys every example, and each answers', async () => {
      const folder = join(userDir, 'node_modules', packageName, 'examples');
      const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
      assert.ok(names.length > 0, 'there are no examples');
      for (const name of names) {
        const flow = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Flow;
        for (const node of flow)
          if (node['type'] === 'http-server-config') Object.assign(node, { host: '127.0.0.1', port: String(port) });
        const from = nodeRed.log.length;
        await nodeRed.deploy(flow);
        const response = await firstAnswer(`http://127.0.0.1:${port}/`);
        if (flow.some(({ type }) => type === 'http-server-credentials')) {
          // An imported flow carries no secrets: what they guard stays shut, and says so, until somebody sets them.
          assert.ok(response.status < 500 || response.status === 503, `${name} answers ${response.status}`);
          continue;
        }
        assert.ok(response.status < 500, `${name} answers ${response.status}`);
        assert.doesNotMatch(nodeRed.log.slice(from), /\[error\]/, name);
      }
    });
  });
}

/** The answer of a server that has just been deployed: it begins to listen when the flows have started. */
async function firstAnswer(url: string): Promise<Response> {
  for (let left = 100; ; left -= 1) {
    try {
      return await fetch(url, { redirect: 'manual' });
    } catch (error) {
      if (left === 0) throw error;
      await pause(50);
    }
  }
}
