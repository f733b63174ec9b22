// Server-sent events beside better-sse: server CPU per delivered event, memory per idle client. Each candidate serves
// from a process of its own; this process holds the clients, all of them raw sockets that read and forget.
// Usage: node bench/sse.mjs [--clients 500] [--events 2000] [--idle 2000] [--peers FOLDER]
// FOLDER is where better-sse was installed (npm i better-sse --prefix FOLDER); without it our own numbers are shown.
import { fork } from 'node:child_process';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    clients: { type: 'string', default: '500' },
    events: { type: 'string', default: '2000' },
    idle: { type: 'string', default: '2000' },
    rounds: { type: 'string', default: '3' },
    peers: { type: 'string', default: '' },
    serve: { type: 'string', default: '' },
  },
});

if (options.serve === '') await measure();
else await serve(options.serve);

async function measure() {
  const candidates = options.peers === '' ? ['ours'] : ['ours', 'better-sse'];
  const cpu = new Map(candidates.map((name) => [name, []]));
  // Side by side: the rounds of the candidates alternate, and the best round of each counts.
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const name of candidates) cpu.get(name).push(await delivery(name));
  }
  const memory = new Map();
  for (const name of candidates) memory.set(name, await idleMemory(name));
  for (const name of candidates) {
    const best = Math.min(...cpu.get(name));
    const { rss, heap } = memory.get(name);
    console.log(
      `${name.padEnd(12)} ${best.toFixed(2)} µs CPU per delivered event (${options.clients} clients)` +
        `, ${rss.toFixed(1)} KB RSS and ${heap.toFixed(1)} KB heap per idle client (${options.idle} clients)`,
    );
  }
  if (candidates.length > 1) {
    const ratio = Math.min(...cpu.get('ours')) / Math.min(...cpu.get('better-sse'));
    console.log(`CPU beside better-sse: ${ratio.toFixed(2)} (target: at most 0.7)`);
  }
}

async function delivery(name) {
  const server = await start(name);
  const clients = await open(server.port, Number(options.clients));
  await ask(server.child, { publish: Number(options.events) / 10 });
  const { cpu, delivered } = await ask(server.child, { publish: Number(options.events) });
  const bytes = () => clients.reduce((sum, client) => sum + client.bytesRead, 0);
  // The clock stops at the server; here it is only made sure that everything really arrived.
  for (let last = -1; last !== bytes(); await sleep(100)) last = bytes();
  const expected = Number(options.events) * 1.1 * clients.length * 60;
  if (bytes() < expected) throw new Error(`${name}: ${bytes()} bytes arrived, at least ${expected} expected`);
  for (const client of clients) client.destroy();
  server.child.kill();
  return cpu / delivered;
}

async function idleMemory(name) {
  const server = await start(name);
  const warm = await open(server.port, 50);
  for (const client of warm) client.destroy();
  await sleep(200);
  const before = await ask(server.child, { memory: true });
  const clients = await open(server.port, Number(options.idle));
  await sleep(300);
  const after = await ask(server.child, { memory: true });
  for (const client of clients) client.destroy();
  server.child.kill();
  return {
    rss: (after.rss - before.rss) / 1024 / clients.length,
    heap: (after.heapUsed - before.heapUsed) / 1024 / clients.length,
  };
}

async function start(name) {
  const child = fork(fileURLToPath(import.meta.url), ['--serve', name, '--peers', options.peers], {
    execArgv: ['--expose-gc'],
  });
  const { port } = await new Promise((resolve) => child.once('message', resolve));
  return { child, port };
}

function ask(child, question) {
  return new Promise((resolve) => {
    child.once('message', resolve);
    child.send(question);
  });
}

async function open(port, count) {
  const clients = [];
  for (let done = 0; done < count; done += 50) {
    const some = Array.from({ length: Math.min(50, count - done) }, () => connect(port, '127.0.0.1'));
    await Promise.all(
      some.map(
        (socket) =>
          new Promise((resolve) => {
            socket.write('GET /events HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n\r\n');
            socket.once('data', resolve);
            socket.on('data', () => {});
          }),
      ),
    );
    clients.push(...some);
  }
  return clients;
}

async function serve(name) {
  const require = createRequire(import.meta.url);
  const { handler, publish } =
    name === 'ours' ? ours(require) : better(createRequire(`${options.peers}/package.json`)('better-sse'));
  const server = createServer(handler).listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
  process.on('message', async ({ publish: events, memory }) => {
    if (memory) {
      for (let turn = 0; turn < 4; turn++) {
        globalThis.gc();
        await sleep(50);
      }
      process.send(process.memoryUsage());
      return;
    }
    const before = process.cpuUsage();
    let delivered = 0;
    for (let event = 0; event < events; event++) {
      delivered += publish({ sequence: event, value: Math.sin(event), text: 'a line of telemetry' });
      // Clients read in between, as they would with a flow that publishes now and then.
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { user, system } = process.cpuUsage(before);
    process.send({ cpu: user + system, delivered });
  });
}

function ours(require) {
  const { EventChannel } = require('../dist/src/sse/channel.js');
  const channel = new EventChannel('bench', { backlog: 64 * 1024 * 1024 });
  channel.listen({});
  return {
    handler: (request, response) => channel.join(request, response, { path: '/events', ip: '127.0.0.1' }),
    publish: (data) => channel.publish({ data, event: 'telemetry' }),
  };
}

function better({ createChannel, createSession }) {
  const channel = createChannel();
  return {
    handler: async (request, response) => channel.register(await createSession(request, response)),
    publish: (data) => {
      channel.broadcast(data, 'telemetry');
      return channel.sessionCount;
    },
  };
}
