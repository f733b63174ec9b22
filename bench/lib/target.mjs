// What is measured: a server in a process of its own. Every target answers `cpu()` (microseconds of CPU so far of all its
// processes, `{user, system}`), `memory()` and `stop()`, and listens on `port` of the loopback interface.
import { fork, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const probe = fileURLToPath(new URL('probe.cjs', import.meta.url));

/** A Node process that the probe is loaded into, as a target without its port. */
export function nodeProcess(script, { args = [], node = process.execPath, execArgv = [], env = {}, under = [] } = {}) {
  const options = { execPath: node, execArgv: ['--expose-gc', '--require', probe, ...execArgv] };
  const child = fork(script, args, {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    // A limit is a command in front, such as `taskset -c 0`.
    ...(under.length > 0 && { execPath: under[0], execArgv: [...under.slice(1), node, ...options.execArgv] }),
  });
  let log = '';
  const keep = (chunk) => (log += chunk);
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ask = (question, value) =>
    new Promise((resolve, reject) => {
      const onMessage = ({ answer, result }) => {
        if (answer !== question) return;
        child.off('message', onMessage).off('exit', onExit);
        resolve(result);
      };
      const onExit = (code) => reject(new Error(`The server ended with ${code}:\n${log}`));
      child.on('message', onMessage).on('exit', onExit);
      child.send({ ask: question, value });
    });
  return {
    child,
    log: () => log,
    ask,
    cpu: () => ask('cpu'),
    memory: () => ask('memory'),
    async stop() {
      if (child.exitCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** A server of `bench/servers`: it sends `{port}` when it listens. */
export async function scriptTarget(name, script, options = {}) {
  const target = nodeProcess(fileURLToPath(new URL(`../servers/${script}`, import.meta.url)), options);
  const port = await new Promise((resolve, reject) => {
    target.child.on('message', (message) => message.port && resolve(message.port));
    target.child.once('exit', () => reject(new Error(`${script} did not start:\n${target.log()}`)));
  });
  return { name, port, ...target };
}

/** Debian's nginx with one worker and its defaults, serving a folder; undefined when it is not installed. */
export async function nginxTarget(root) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-nginx-'));
  const port = await freePort();
  writeFileSync(
    join(folder, 'nginx.conf'),
    `worker_processes 1; daemon off; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 1024; }
http {
  include /etc/nginx/mime.types; access_log off; sendfile on; tcp_nopush on;
  keepalive_requests 1000000;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  server { listen 127.0.0.1:${port}; root ${root}; }
}
`,
  );
  const child = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' });
  const failed = new Promise((resolve) => child.once('error', resolve));
  if (await Promise.race([failed, answering(port).then(() => undefined)])) return undefined;
  const workers = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ');
  return {
    name: 'nginx',
    port,
    child,
    cpu: async () => add([child.pid, ...workers].map(cpuOf)),
    memory: async () => ({ rss: workers.reduce((sum, pid) => sum + residentOf(pid), 0) }),
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Microseconds of CPU a process has used, in the kernel's ticks of 10 ms. */
export function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return { user: Number(fields[11]) * 10_000, system: Number(fields[12]) * 10_000 };
}

function add(times) {
  return times.reduce((sum, { user, system }) => ({ user: sum.user + user, system: sum.system + system }));
}

/** Resident bytes of a process. */
export function residentOf(pid) {
  return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096;
}

/** A free TCP port of the loopback interface. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const listener = net.createServer().once('error', reject);
    listener.listen(0, '127.0.0.1', () => {
      const { port } = listener.address();
      listener.close(() => resolve(port));
    });
  });
}

/** Resolves when something accepts connections at a port. */
export async function answering(port, seconds = 60) {
  for (let left = seconds * 20; left > 0; left -= 1) {
    const open = await new Promise((resolve) => {
      const socket = net.connect(port, '127.0.0.1');
      socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Nothing answers on port ${port}`);
}
