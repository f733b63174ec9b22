/** nginx and Caddy in front of a server, set up by the recipes of docs/cookbook.md. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientOptions } from 'ws';
import { freePort, projectRoot } from './node-red.js';
import { newCertificate } from './self-signed.js';
import { waitFor } from './wait-for.js';

const cookbook = readFileSync(join(projectRoot, 'docs', 'cookbook.md'), 'utf8');

/** The code of a recipe as it is written, but for what has to be another on this machine. */
export function recipe(heading: string, changes: Readonly<Record<string, string>>): string {
  const section = cookbook.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  let code = /```\w+\n([\s\S]*?)```/.exec(section)?.[1] ?? '';
  for (const [from, to] of Object.entries(changes)) {
    assert.ok(code.includes(from), `the recipe "${heading}" has no ${from}`);
    code = code.replaceAll(from, to);
  }
  return code;
}

/** True when a program is installed. */
export function isInstalled(program: string): boolean {
  return spawnSync(program, ['version']).error === undefined;
}

/** A running proxy for https://home.example, which its clients reach from 127.0.0.2. */
export class Proxy {
  readonly port: number;
  readonly #cert: string;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, { port, cert, folder }: { port: number; cert: string; folder: string }) {
    this.#child = child;
    this.port = port;
    this.#cert = cert;
    this.#folder = folder;
  }

  /** nginx with the recipe; `upstream` is where it passes requests to, `more` stands before the recipe. */
  static nginx(upstream: string, more = ''): Promise<Proxy> {
    return Proxy.#start((port, folder) => {
      const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`);
      const site = recipe('Behind nginx', {
        'listen 443 ssl': `listen 127.0.0.1:${port} ssl`,
        '/etc/letsencrypt/live/home.example/fullchain.pem': join(folder, 'cert.pem'),
        '/etc/letsencrypt/live/home.example/privkey.pem': join(folder, 'key.pem'),
        'http://127.0.0.1:8080': upstream,
      });
      writeFileSync(
        join(folder, 'nginx.conf'),
        `daemon off; pid pid; error_log stderr; events {}\nhttp { access_log off; ${paths.join(' ')}\n${more}\n${site}}\n`,
      );
      return ['nginx', '-p', folder, '-e', 'stderr', '-c', 'nginx.conf'];
    });
  }

  /** Caddy with the recipe and a certificate of ours. */
  static caddy(upstream: string): Promise<Proxy> {
    return Proxy.#start((port, folder) => {
      const site = recipe('Behind Caddy', {
        'home.example {': `https://home.example:${port} {\n  bind 127.0.0.1\n  tls ${folder}/cert.pem ${folder}/key.pem`,
        '127.0.0.1:8080': upstream.replace('http://', ''),
      });
      writeFileSync(join(folder, 'Caddyfile'), `{\n  admin off\n  auto_https disable_redirects\n}\n${site}`);
      return ['caddy', 'run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile'];
    });
  }

  static async #start(setUp: (port: number, folder: string) => string[]): Promise<Proxy> {
    const folder = mkdtempSync(join(tmpdir(), 'proxy-'));
    // The processes of nginx that serve run as another user.
    chmodSync(folder, 0o755);
    const { cert, key } = newCertificate({ commonName: 'home.example' });
    writeFileSync(join(folder, 'cert.pem'), cert);
    writeFileSync(join(folder, 'key.pem'), key);
    const port = await freePort();
    const [program = '', ...programArguments] = setUp(port, folder);
    const child = spawn(program, programArguments, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder },
    });
    let log = '';
    child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
    const proxy = new Proxy(child, { port, cert, folder });
    try {
      await waitFor(`an answer of ${program}`, async () => {
        assert.equal(child.exitCode, null, log);
        return await isListening(port);
      });
    } catch (error) {
      await proxy.stop();
      throw error;
    }
    return proxy;
  }

  /** A request of a browser that looks at https://home.example. */
  async ask(path: string, { body, ...options }: https.RequestOptions & { body?: Buffer } = {}): Promise<Answer> {
    const request = https.request({
      ...this.#connection,
      agent: false,
      path,
      ...options,
      headers: { Host: 'home.example', ...(options.headers as Record<string, string> | undefined) },
    });
    request.end(body);
    const [response] = (await once(request, 'response')) as [Answer];
    response.setEncoding('utf8').on('error', () => undefined);
    return Object.assign(response, { text: '' }).on('data', (chunk: string) => (response.text += chunk));
  }

  /** What a WebSocket client needs to come from a page of an origin. */
  webSocket(origin: string): ClientOptions {
    return { ...this.#connection, origin, headers: { Host: 'home.example' } };
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #connection() {
    return {
      host: '127.0.0.1',
      port: this.port,
      localAddress: '127.0.0.2',
      servername: 'home.example',
      ca: this.#cert,
    };
  }
}

/** An answer whose text grows as it arrives. */
export type Answer = IncomingMessage & { text: string };

/** Resolves with the whole text. */
export async function whole(answer: Answer): Promise<string> {
  if (!answer.readableEnded) await once(answer, 'end');
  return answer.text;
}

function isListening(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy();
      done(true);
    });
    socket.on('error', () => done(false));
  });
}
