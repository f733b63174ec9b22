// npm start: Node-RED 4.1 in a user directory of its own (.node-red/), with this pack and the demo flow.
// Options: --reset copies the demo flow again. PORT and DEMO_PORT choose other ports.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import net from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('..', import.meta.url));
const userDir = join(root, '.node-red');
const name = '@flow-http/node-red-http-server';
const host = process.env.HOST ?? '127.0.0.1';

const editorPort = await freePort(Number(process.env.PORT ?? 1880));
const demoPort = await freePort(Number(process.env.DEMO_PORT ?? 8080));
// The password of the demo's guarded corner: another one at each start, and in no file.
const demoPassword = process.env.DEMO_PASSWORD ?? randomBytes(6).toString('base64url');

mkdirSync(join(userDir, 'node_modules', dirname(name)), { recursive: true });
const link = join(userDir, 'node_modules', name);
rmSync(link, { force: true, recursive: true });
symlinkSync(root, link, 'junction');
if (process.argv.includes('--reset') || !existsSync(join(userDir, 'flows.json'))) {
  writeFileSync(join(userDir, 'flows.json'), JSON.stringify(demoFlows(), null, 2));
  writeFileSync(join(userDir, 'flows_cred.json'), JSON.stringify(demoCredentials()));
}
writeFileSync(
  join(userDir, 'package.json'),
  `${JSON.stringify({ name: 'demo', private: true, version: '1.0.0', dependencies: { [name]: '*' } }, null, 2)}\n`,
);
writeFileSync(
  join(userDir, 'settings.js'),
  `// Written by npm start.
module.exports = {
  uiPort: ${editorPort},
  uiHost: ${JSON.stringify(host)},
  flowFile: 'flows.json',
  credentialSecret: false,
  telemetry: { enabled: false, updateNotification: false },
  editorTheme: { tours: false, projects: { enabled: false } },
};
`,
);

const child = spawn(process.execPath, [require.resolve('node-red/red.js'), '--userDir', userDir], {
  cwd: root,
  stdio: ['ignore', 'pipe', 'inherit'],
  env: {
    ...process.env,
    DEMO_PORT: String(demoPort),
    DEMO_SITE: join(root, 'demo', 'site'),
    DEMO_UPLOADS: join(userDir, 'uploads'),
    DEMO_PASSWORD: demoPassword,
  },
});
child.stdout.pipe(process.stdout);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => process.exit(code ?? 0));

await Promise.all([answering(editorPort), answering(demoPort)]);
const shown = host === '0.0.0.0' ? '127.0.0.1' : host;
console.log(
  `\n  Editor  http://${shown}:${editorPort}/\n  Demo    http://${shown}:${demoPort}/\n  Private http://${shown}:${demoPort}/private/  (user guest, password ${demoPassword})\n\n  Ctrl-C stops both.\n`,
);

/** The demo: every file of demo/flows, a tab each, in the order of their names. */
function demoFlows() {
  const folder = join(root, 'demo', 'flows');
  return readdirSync(folder)
    .sort()
    .flatMap((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
}

/** Who may enter the demo's guarded corner: the password comes from the environment. */
function demoCredentials() {
  const guest = { scheme: 'basic', username: 'guest', password: '${DEMO_PASSWORD}' };
  return { 'demo-access-guests': { entries: JSON.stringify([guest]) } };
}

/** The wanted port, or the next one nobody uses. */
async function freePort(wanted) {
  for (let port = wanted; port < wanted + 50; port += 1) if (await isFree(port)) return port;
  throw new Error(`No free port from ${wanted} on`);
}

function isFree(port) {
  return new Promise((resolve) => {
    const probe = net.createServer().once('error', () => resolve(false));
    probe.listen(port, '0.0.0.0', () => probe.close(() => resolve(true)));
  });
}

/** Resolves when something answers at the port; gives up after a minute. */
async function answering(port) {
  for (let left = 240; left > 0; left -= 1) {
    try {
      await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(1000) });
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
  console.error(`Nothing answers on port ${port}.`);
}
