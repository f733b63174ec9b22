/** The four ways of slowhttptest, each over so many connections: who is slow loses its own connection only. */
import { spawn } from 'node:child_process';
import net from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LiveFlow } from '../support/live-flow.js';
import { pause } from '../support/node-red.js';
import { startFaultFlow } from './flow.js';
import { GoodClient } from './good-client.js';
import { Failures, type Row, Watch } from './measure.js';

const connections = 1000;
/** Seconds; what a server with these settings allows at most, the two looks at the clock included. */
const limits = { headersTimeout: 3, requestTimeout: 4, sendTimeout: 3, keepAliveTimeout: 2 };

interface Attack {
  readonly name: string;
  /** What is sent at once, and what again every 300 ms. */
  readonly first: string;
  readonly drip: string;
  /** Seconds after which every connection must be gone. */
  readonly within: number;
  /** True for clients that never read, and have room for 2 KiB only. */
  readonly deaf?: boolean;
}

const attacks: readonly Attack[] = [
  {
    name: 'slow headers',
    first: 'GET /health HTTP/1.1\r\nHost: x\r\n',
    drip: 'X-a: b\r\n',
    within: limits.headersTimeout,
  },
  {
    name: 'slow body',
    first: 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 100000\r\n\r\n',
    drip: 'x',
    within: limits.requestTimeout,
  },
  {
    name: 'many ranges',
    first: `GET /files/small.bin HTTP/1.1\r\nHost: x\r\nRange: bytes=${Array.from({ length: 500 }, (_, index) => `${index}-`).join(',')}\r\n\r\n`,
    drip: '',
    within: limits.keepAliveTimeout,
  },
  {
    name: 'slow reading',
    first: 'GET /files/big.bin HTTP/1.1\r\nHost: x\r\n\r\n',
    drip: '',
    within: limits.sendTimeout,
    deaf: true,
  },
];

/** All four attacks, one after the other. */
export async function slowClients(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'faults-'));
  writeFileSync(join(folder, 'big.bin'), Buffer.alloc(512 * 1024, 'x'));
  writeFileSync(join(folder, 'small.bin'), Buffer.alloc(64 * 1024, 'x'));
  const flow = await startFaultFlow({ ...limits, rootPath: folder });
  const rows: Row[] = [];
  for (const attack of attacks) rows.push(await run(flow, attack));
  await flow.stop();
  rmSync(folder, { recursive: true });
  return rows;
}

async function run(flow: LiveFlow, attack: Attack): Promise<Row> {
  const failures = new Failures();
  const watch = new Watch(flow.nodeRed);
  const { name, within } = attack;
  const client = new GoodClient(flow, failures);
  const attackers = attack.deaf ? await deafClients(flow.port, attack.first) : await clients(flow.port, attack);
  const begun = performance.now();
  let gone = 0;
  while (gone === 0 && performance.now() - begun < (within + 20) * 1000) {
    await pause(100);
    // The connections of this client itself may still be there.
    if (watch.more <= 2) gone = performance.now() - begun;
  }
  if (gone === 0) failures.add('attacker still connected', watch.more);
  const { requests, worstWait, medianWait } = await client.stop();
  attackers();
  const ended = await watch.stop();
  return {
    scenario: `${connections} clients, ${name}`,
    requests,
    failures: failures.total,
    worstWait,
    ...ended,
    note: `all gone ${(gone / 1000).toFixed(1)} s after the last had come (limit ${within} s); /health takes ${medianWait.toFixed(0)} ms (median) ${failures.toString()}`,
  };
}

/** Clients that send slowly. Resolves when all are connected, with what ends them. */
async function clients(port: number, { first, drip }: Attack): Promise<() => void> {
  const sockets = await Promise.all(
    Array.from(
      { length: connections },
      () =>
        new Promise<net.Socket>((done) => {
          const socket = net.connect(port, '127.0.0.1', () => {
            socket.write(first);
            done(socket);
          });
          socket.on('error', () => undefined).resume();
        }),
    ),
  );
  const timer = setInterval(() => {
    if (drip !== '') for (const socket of sockets) if (socket.writable) socket.write(drip);
  }, 300);
  return () => {
    clearInterval(timer);
    for (const socket of sockets) socket.destroy();
  };
}

/** Clients with a tiny receive window: Node cannot ask for one, Perl can. */
async function deafClients(port: number, first: string): Promise<() => void> {
  const script = `use Socket; my @all; my $text = $ARGV[1];
for (1..$ARGV[2]) { socket(my $s, PF_INET, SOCK_STREAM, 0); setsockopt($s, SOL_SOCKET, SO_RCVBUF, 2048);
connect($s, sockaddr_in($ARGV[0], inet_aton('127.0.0.1'))) or die $!; syswrite($s, $text); push @all, $s; }
$| = 1; print "there"; sleep 1 while 1;`;
  const child = spawn('perl', ['-e', script, String(port), first, String(connections)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((done, fail) => {
    child.once('error', fail).once('exit', () => fail(new Error('Perl could not connect.')));
    child.stdout.once('data', done);
  });
  return () => child.kill('SIGKILL');
}
