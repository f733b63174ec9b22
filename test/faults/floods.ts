/** Too many of everything: connections, requests, descriptors, bytes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventClient, SocketClient } from '../support/live-client.js';
import { pause } from '../support/node-red.js';
import { waitFor } from '../support/wait-for.js';
import { startFaultFlow } from './flow.js';
import { GoodClient, isHealthy } from './good-client.js';
import { Failures, type Row, Watch } from './measure.js';
import { MemoryLimit } from './memory-limit.js';

function connect(port: number, text = ''): net.Socket {
  const socket = net.connect(port, '127.0.0.1', () => socket.write(text));
  return socket.on('error', () => undefined).resume();
}

/** 400 clients where the process may have 256 descriptors. */
export async function fewDescriptors(): Promise<Row> {
  const flow = await startFaultFlow({ keepAliveTimeout: 60, headersTimeout: 60 }, { openFiles: 256 });
  const failures = new Failures();
  const watch = new Watch(flow.nodeRed);
  const first = Array.from({ length: 50 }, () => connect(flow.port));
  await pause(300);
  const rest = Array.from({ length: 350 }, () => connect(flow.port));
  await pause(2000);
  const early = first.filter((socket) => !socket.destroyed).length;
  failures.add('early client lost', 50 - early);
  const served = rest.filter((socket) => !socket.destroyed).length;
  for (const socket of [...first, ...rest]) socket.destroy();
  const began = performance.now();
  await waitFor('it to accept again', () => isHealthy(flow)).catch(() => failures.add('not recovered'));
  const recovered = performance.now() - began;
  const told = (await flow.caught()).filter(({ code }) => code === 'NO_DESCRIPTORS').length;
  if (told !== 1) failures.add(`${told} errors told instead of one`);
  const ended = await watch.stop();
  await flow.stop();
  return {
    scenario: '400 clients, 256 descriptors',
    requests: 400,
    failures: failures.total,
    worstWait: recovered,
    ...ended,
    note: `${early + served} served, the others refused; answers again after ${Math.round(recovered)} ms; one error told ${failures.toString()}`,
  };
}

/** Five times as many connections as maxConnections allows. */
export async function connectionFlood(): Promise<Row> {
  const flow = await startFaultFlow({ maxConnections: 200, keepAliveTimeout: 60 });
  const failures = new Failures();
  const watch = new Watch(flow.nodeRed);
  const old = connect(flow.port, 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
  await pause(200);
  let refused = 0;
  const sockets = Array.from({ length: 1000 }, () => connect(flow.port));
  for (const socket of sockets)
    socket.once('data', (data: Buffer) => (refused += data.toString('latin1').startsWith('HTTP/1.1 503') ? 1 : 0));
  await waitFor('the others to be refused', () => refused >= 800).catch(() => undefined);
  failures.add('not refused with 503', 801 - refused);
  let answered = false;
  old.once('data', () => (answered = true));
  old.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
  await waitFor('the old client', () => answered).catch(() => failures.add('old client not served'));
  for (const socket of [old, ...sockets]) socket.destroy();
  const ended = await watch.stop();
  await flow.stop();
  return {
    scenario: '1,000 clients over maxConnections',
    requests: 1001,
    failures: failures.total,
    ...ended,
    note: `${refused} refused with 503, the client that was there first is served on ${failures.toString()}`,
  };
}

/** 20,000 pipelined requests of one client, then of one that does not read and wants a file each time. */
export async function pipelinedFlood(): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), 'faults-'));
  writeFileSync(join(folder, 'big.bin'), Buffer.alloc(512 * 1024, 'x'));
  const flow = await startFaultFlow({ rootPath: folder });
  const failures = new Failures();
  const watch = new Watch(flow.nodeRed);
  const client = new GoodClient(flow, failures);
  const count = 20_000;
  let answers = 0;
  const pipe = connect(flow.port).on('data', (data: Buffer) => {
    answers += data.toString('latin1').split('HTTP/1.1 200').length - 1;
  });
  for (let left = count; left > 0; left -= 1000) {
    if (!pipe.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1000)))
      await new Promise((done) => pipe.once('drain', done));
  }
  await waitFor('all answers', () => answers >= count, 60_000).catch(() => undefined);
  failures.add('pipelined request without answer', Math.max(0, count - answers - 20));
  pipe.destroy();
  const deaf = net.connect(flow.port, '127.0.0.1').on('error', () => undefined);
  deaf.pause().write('GET /files/big.bin HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(count));
  let most = 0;
  for (let left = 30; left > 0; left -= 1) {
    await pause(100);
    most = Math.max(most, watch.more);
  }
  if (most > 20) failures.add(`one client took ${most} descriptors`);
  deaf.destroy();
  const { worstWait } = await client.stop();
  const ended = await watch.stop();
  failures.add('descriptor left', Math.max(0, ended.descriptors[1] - ended.descriptors[0]));
  await flow.stop();
  rmSync(folder, { recursive: true });
  return {
    scenario: '20,000 pipelined requests, and 20,000 for files that are not read',
    requests: 2 * count,
    failures: failures.total,
    worstWait,
    ...ended,
    note: `the client that does not read costs ${most} descriptors ${failures.toString()}`,
  };
}

/** 8 uploads and a raw body of 300 MiB each, 1,000 WebSockets and 200 event streams at once, heap of 128 MiB. */
export async function muchAtOnce(): Promise<Row> {
  const limit = MemoryLimit.of(256);
  const flow = await startFaultFlow({}, { heap: 128, within: limit?.command });
  const failures = new Failures();
  const watch = new Watch(flow.nodeRed);
  const sockets = await Promise.all(
    Array.from({ length: 1000 }, () => SocketClient.open(`ws://127.0.0.1:${flow.port}/ws`)),
  );
  const streams = await Promise.all(Array.from({ length: 200 }, () => EventClient.open(flow.url('/events'))));
  const client = new GoodClient(flow, failures);
  const size = 300 * 1024 * 1024;
  const uploads = Array.from({ length: 8 }, (_, index) =>
    send(flow.port, '/upload', `multipart/form-data; boundary=b${index}`, size),
  );
  const statuses = await Promise.all([...uploads, send(flow.port, '/raw', 'application/octet-stream', size)]);
  const { requests, worstWait } = await client.stop();
  failures.add('body not refused', statuses.filter((status) => status !== 413).length);
  failures.add('WebSocket lost', sockets.filter(({ closed }) => closed).length);
  failures.add('event stream lost', streams.filter(({ ended }) => ended).length);
  for (const { ws } of sockets) ws.terminate();
  for (const stream of streams) stream.close();
  const ended = await watch.stop();
  await flow.stop();
  const bounds = limit
    ? `in a control group of 256 MiB, of which it used ${limit.remove().toFixed(0)}`
    : 'without a control group';
  return {
    scenario: '9 × 300 MiB, 1,000 WebSockets, 200 streams, heap of 128 MiB',
    requests: 1209 + requests,
    failures: failures.total,
    worstWait,
    ...ended,
    note: `every body gets its 413, in chunks without a declared length; ${bounds} ${failures.toString()}`,
  };
}

/** Sends a chunked body as fast as it is taken; resolves with the status of the answer, 0 when the connection was cut. */
function send(port: number, path: string, type: string, size: number): Promise<number> {
  return new Promise((done) => {
    const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(0x10000, 'x'), Buffer.from('\r\n')]);
    let left = size;
    let status = 0;
    const boundary = /boundary=(.*)/.exec(type)?.[1];
    const head = boundary ? `--${boundary}\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n` : 'x';
    const socket = net.connect(port, '127.0.0.1');
    const more = (): void => {
      while (left > 0 && socket.writable && status === 0) {
        left -= 0x10000;
        if (!socket.write(chunk)) return;
      }
    };
    socket.on('connect', () => {
      socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n`);
      socket.write(`${head.length.toString(16)}\r\n${head}\r\n`);
      more();
    });
    socket.on('drain', more).on('error', () => undefined);
    socket.on('data', (data: Buffer) => (status ||= Number(data.toString('latin1', 9, 12))));
    socket.once('close', () => done(status));
  });
}
