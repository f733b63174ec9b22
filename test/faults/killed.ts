/** Clients that are killed, whatever they are doing at that moment. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LiveFlow } from '../support/live-flow.js';
import { faultNodes, startFaultFlow } from './flow.js';
import { isHealthy } from './good-client.js';
import { Failures, type Row, Watch } from './measure.js';

const host = 'Host: x\r\n';
const upgrade = `${host}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
const waiting = `GET /silence HTTP/1.1\r\n${host}\r\n`;
const halfUpload = `POST /upload HTTP/1.1\r\n${host}Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 100000\r\n\r\n--b\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\nxxxx`;

/** What each client has sent when it is killed. */
const states = {
  connected: '',
  'half a head': 'GET / HTTP/1.1\r\nHo',
  'half a body': `POST /echo HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"a`,
  'half a chunk': `POST /raw HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\nff\r\nxx`,
  'waits for 100 Continue': `POST /echo HTTP/1.1\r\n${host}Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n`,
  'half an upload': halfUpload,
  'waits for the answer': waiting,
  'answer half read': `GET /files/big.bin HTTP/1.1\r\n${host}\r\n`,
  'answered in parts': `GET /parts HTTP/1.1\r\n${host}\r\n`,
  'in a queue behind a request': waiting.repeat(20),
  'file behind a request': `${waiting}GET /files/big.bin HTTP/1.1\r\n${host}\r\n`,
  'upload behind a request': waiting + halfUpload,
  'upgrade behind a request': `${waiting}GET /ws HTTP/1.1\r\n${upgrade}`,
  'event stream': `GET /events HTTP/1.1\r\n${host}\r\n`,
  WebSocket: `GET /ws HTTP/1.1\r\n${upgrade}`,
  'half a frame': `GET /ws HTTP/1.1\r\n${upgrade}\x81\xfe\x10`,
  'upgrade nobody accepts': `GET /silence HTTP/1.1\r\n${upgrade}`,
} as const;

/** A client per state in one process; it says "connecting", then "there". It reads one piece of each answer, no more. */
const script = (port: number): string => `const net = require('net');
console.log('connecting');
for (const text of ${JSON.stringify(Object.values(states))}) {
  const socket = net.connect(${port}, '127.0.0.1', () => socket.write(text, 'latin1'));
  socket.on('error', () => {}).once('data', () => socket.pause());
}
setTimeout(() => console.log('there'), 300); setInterval(() => {}, 1000);`;

/** Whatever a client is doing when it is killed, nothing of it is left: also while flows are deployed. */
export async function killedClients(): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), 'faults-'));
  writeFileSync(join(folder, 'big.bin'), Buffer.alloc(16 * 1024 * 1024, 'x'));
  const settings = { responseTimeout: 60, rootPath: folder };
  const flow = await startFaultFlow(settings);
  const failures = new Failures();
  const watch = new Watch(flow.nodeRed);
  const rounds: ('connecting' | 'there')[] = ['connecting', 'there', 'connecting', 'there', 'there'];
  for (const when of rounds) {
    await killWhen(flow.port, when);
    if (!(await isHealthy(flow))) failures.add('health not answered');
  }
  const nodes = faultNodes(1);
  const deploys = (async (): Promise<void> => {
    for (let left = 5; left > 0; left -= 1) await flow.nodeRed.deploy(LiveFlow.flows(nodes, flow.port, settings));
  })();
  for (const when of rounds) await killWhen(flow.port, when);
  await deploys;
  if (!(await isHealthy(flow))) failures.add('health not answered');
  const ended = await watch.stop();
  failures.add('descriptor left', Math.max(0, ended.descriptors[1] - ended.descriptors[0]));
  failures.add('upload left', temporaryFolders(flow.nodeRed.child.pid).length);
  if (/unhandled|uncaught/i.test(flow.nodeRed.log)) failures.add('unhandled error in the log');
  await flow.stop();
  rmSync(folder, { recursive: true });
  const names = Object.keys(states);
  return {
    scenario: `SIGKILL of a client in ${names.length + 1} states`,
    deploys: 5,
    requests: 2 * rounds.length * names.length,
    failures: failures.total,
    ...ended,
    note: `connecting, ${names.join(', ')}; half of the rounds during deploys ${failures.toString()}`,
  };
}

async function killWhen(port: number, word: string): Promise<void> {
  const client = spawn(process.execPath, ['-e', script(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((done) => {
    let said = '';
    client.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes(word)) done();
    });
  });
  client.kill('SIGKILL');
}

/** Folders of uploads that this process has made and not removed. */
function temporaryFolders(pid: number | undefined): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('node-red-http-server-') && name.includes(`-${pid}-`));
}
