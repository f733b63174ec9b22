// An upload of 100 MB to disk: speed, server CPU and the memory it costs, through the engine, through a Node-RED flow, and
// beside them a bare busboy-to-disk server and the core `http in`, which takes uploads into memory (multer). Every
// candidate serves from a process of its own; this process only sends. Linux (peak memory comes from /proc).
// Usage: npm run build && node bench/upload.mjs [--megabytes 100] [--rounds 5] [--only engine,busboy]
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { createRequire } from 'node:module';
import { createServer as createProbe } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: 'engine,flow,busboy,core' },
    serve: { type: 'string', default: '' },
    port: { type: 'string', default: '0' },
  },
});
const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('..', import.meta.url));
const megabyte = 1024 * 1024;
const boundary = 'benchBoundary';
const head = `--${boundary}\r\nContent-Disposition: form-data; name="f"; filename="big.bin"\r\nContent-Type: application/octet-stream\r\n\r\n`;
const tail = `\r\n--${boundary}--\r\n`;

if (options.serve === 'engine') await serveEngine();
else if (options.serve === 'busboy') serveBusboy();
else await measure();

async function measure() {
  const folder = mkdtempSync(join(tmpdir(), 'bench-upload-'));
  const names = options.only.split(',');
  const servers = new Map();
  try {
    for (const name of names) servers.set(name, await start(name, folder));
    const results = new Map(names.map((name) => [name, []]));
    // Side by side: the rounds of the candidates alternate, and the best of each counts.
    for (let round = 0; round <= Number(options.rounds); round += 1)
      for (const name of names) results.get(name).push(await run(servers.get(name)));
    report(results);
  } finally {
    for (const { child } of servers.values()) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

function report(results) {
  const size = Number(options.megabytes);
  const best = (name, what = 'seconds') => Math.min(...results.get(name).map((run) => run[what]));
  for (const [name, runs] of results) {
    // The first upload of a process also makes its heap grow, whoever serves: it is told apart from later ones.
    const [first, ...later] = runs.map(({ memory }) => memory);
    later.sort((a, b) => a - b);
    console.log(
      `${name.padEnd(7)} ${(size / best(name)).toFixed(0).padStart(5)} MB/s, ${(best(name, 'cpu') / size).toFixed(2)} ms CPU a MB, ` +
        `extra memory ${first.toFixed(1)} MB for the first upload of the process, ${later[Math.floor(later.length / 2)].toFixed(1)} MB for later ones`,
    );
  }
  if (!results.has('busboy')) return;
  for (const name of ['engine', 'flow'])
    if (results.has(name))
      console.log(
        `${name} beside bare busboy: ${(best('busboy') / best(name)).toFixed(2)} of its speed (target: at least 0.9), ` +
          `${(best(name, 'cpu') / best('busboy', 'cpu')).toFixed(2)} of its CPU time`,
      );
}

/** One upload: its time, the server's CPU, and how far its memory rose above where it stood. */
async function run({ port, child }) {
  writeFileSync(`/proc/${child.pid}/clear_refs`, '5');
  const before = memoryOf(child.pid, 'VmRSS');
  const cpu = cpuOf(child.pid);
  const seconds = await send(port, Number(options.megabytes));
  return { seconds, cpu: cpuOf(child.pid) - cpu, memory: memoryOf(child.pid, 'VmHWM') - before };
}

/** Sends a multipart body; resolves with the seconds until the whole answer is there. */
function send(port, megabytes) {
  const chunk = Buffer.alloc(megabyte / 4, 'benchmark\r\n--');
  const length = head.length + tail.length + megabytes * megabyte;
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const upload = request({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/',
      agent: false,
      headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}`, 'Content-Length': length },
    });
    upload.on('error', reject);
    upload.on('response', (response) => {
      if (response.statusCode !== 200) reject(new Error(`Status ${response.statusCode}`));
      response.resume().on('end', () => resolve((performance.now() - begun) / 1000));
    });
    upload.write(head);
    let left = megabytes * 4;
    const more = () => {
      while (left > 0) {
        left -= 1;
        if (!upload.write(chunk)) return upload.once('drain', more);
      }
      return upload.end(tail);
    };
    more();
  });
}

function memoryOf(pid, field) {
  const line = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line[1]) / 1024;
}

/** Milliseconds of user and system time of a process. */
function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function start(name, folder) {
  const port = await freePort();
  const own = join(folder, name);
  mkdirSync(own);
  const env = { ...process.env, TMPDIR: own };
  const child =
    name === 'engine' || name === 'busboy'
      ? spawn(process.execPath, [fileURLToPath(import.meta.url), '--serve', name, '--port', String(port)], {
          env,
          stdio: 'inherit',
        })
      : spawn(process.execPath, [require.resolve('node-red/red.js'), '--userDir', userDir(own, name, port)], {
          env,
          stdio: 'ignore',
        });
  for (let left = 300; left > 0; left -= 1) {
    try {
      await send(port, 0);
      return { child, port };
    } catch {
      await sleep(100);
    }
  }
  throw new Error(`${name} does not answer`);
}

/** A Node-RED user directory whose flow takes the upload and answers. */
function userDir(folder, name, port) {
  const link = join(folder, 'node_modules/@flow-http/node-red-http-server');
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(root, link);
  const node = (properties) => ({ z: 't', x: 100, y: 100, wires: [], ...properties });
  const flow = [
    { id: 't', type: 'tab', label: 't' },
    ...(name === 'flow'
      ? [
          { id: 's', type: 'http-server-config', host: '127.0.0.1', port: String(port), uploadLimit: '1gb' },
          node({ id: 'i', type: 'http-server-in', server: 's', upload: 'disk', wires: [['c']] }),
        ]
      : [node({ id: 'i', type: 'http in', url: '/', method: 'post', upload: true, wires: [['c']] })]),
    node({
      id: 'c',
      type: 'change',
      rules: [{ t: 'set', p: 'payload', pt: 'msg', to: 'ok', tot: 'str' }],
      wires: [['o']],
    }),
    node({ id: 'o', type: name === 'flow' ? 'http-server-response' : 'http response' }),
  ];
  writeFileSync(join(folder, 'flows.json'), JSON.stringify(flow));
  writeFileSync(
    join(folder, 'package.json'),
    '{"name":"bench","dependencies":{"@flow-http/node-red-http-server":"*"}}',
  );
  writeFileSync(
    join(folder, 'settings.js'),
    `module.exports = { uiPort: ${name === 'flow' ? 0 : port}, uiHost: '127.0.0.1', httpAdminRoot: false, flowFile: 'flows.json', credentialSecret: false, telemetry: { enabled: false } };`,
  );
  return folder;
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createProbe().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function serveEngine() {
  const { Server, defaultBodyOptions, defaultLimits, defaultSettings } = require('../dist/src/index.js');
  const server = new Server({
    address: { host: '127.0.0.1', port: Number(options.port) },
    settings: { ...defaultSettings, limits: { ...defaultLimits, uploadLimit: 1024 * megabyte } },
  });
  server.addEntry({
    methods: [],
    path: '',
    access: undefined,
    order: 0,
    body: { ...defaultBodyOptions, upload: 'disk' },
    handle: ({ response }) => response.send('ok'),
  });
  await server.start();
}

function serveBusboy() {
  const busboy = require('busboy');
  createServer((incoming, response) => {
    const path = join(tmpdir(), `bare-${Math.random()}`);
    const parser = busboy({ headers: incoming.headers });
    parser.on('file', (_name, file) => {
      file.pipe(createWriteStream(path)).on('close', () => {
        response.end('ok');
        rmSync(path);
      });
    });
    incoming.pipe(parser);
  }).listen(Number(options.port), '127.0.0.1');
}
