import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventClient, SocketClient } from '../support/live-client.js';
import { pause } from '../support/node-red.js';
import { startFaultFlow } from './flow.js';
import { Failures, type Probe, type Row, type RunOptions, Watch, probe } from './measure.js';
import { MemoryLimit } from './memory-limit.js';
import { Pool } from './pool.js';

/** Mixed traffic with 5 % of clients that leave and 1 % of flows that say nothing, in a heap of 128 MiB. */
export async function soak({ soak: seconds }: RunOptions): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), 'faults-'));
  writeFileSync(join(folder, 'page.bin'), Buffer.alloc(300 * 1024, 'x'));
  const limit = MemoryLimit.of(512);
  const flow = await startFaultFlow({ responseTimeout: 2, rootPath: folder }, { heap: 128, within: limit?.command });
  const failures = new Failures();
  const watch = new Watch(flow.nodeRed);
  const pool = new Pool(30, failures);
  const headers = { 'Content-Type': 'application/json' };
  const form =
    '--b\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\n' + 'x'.repeat(20_000) + '\r\n--b--\r\n';
  const is = async (status: number, asked: Promise<{ status: number }>): Promise<boolean> =>
    (await asked).status === status;
  const kinds: ((n: number) => Promise<boolean>)[] = [
    (n) => is(200, pool.ask(flow.url(`/echo?n=${n}`))),
    (n) =>
      is(
        200,
        pool.ask(flow.url('/echo'), { method: 'POST', headers, body: JSON.stringify({ n, text: 'x'.repeat(2000) }) }),
      ),
    () => is(200, pool.ask(flow.url('/files/page.bin'))),
    () =>
      is(
        200,
        pool.ask(flow.url('/upload'), {
          method: 'POST',
          headers: { 'Content-Type': 'multipart/form-data; boundary=b' },
          body: form,
        }),
      ),
    (n) => is(200, pool.ask(flow.url('/publish'), { method: 'POST', headers, body: `{"text":"${n}"}` })),
    () => is(404, pool.ask(flow.url('/nowhere'))),
  ];
  const running = pool.run(30, async (_, n) => {
    if (n % 20 === 0) return leave(flow.port);
    if (n % 100 === 1) return is(504, pool.ask(flow.url('/silence')));
    return (await kinds[n % kinds.length]?.(n)) ?? false;
  });
  const live = new Pool(1, failures);
  const living = live.run(10, async () => {
    const events = await EventClient.open(flow.url('/events'));
    const socket = await SocketClient.open(`ws://127.0.0.1:${flow.port}/ws`);
    await socket.ask('hello');
    await pause(500);
    events.close();
    socket.ws.terminate();
    return true;
  });
  await pause((seconds / 3) * 1000);
  const warm = await probe(flow.nodeRed);
  await pause((seconds / 1.5) * 1000);
  for (const one of [pool, live]) one.stop();
  await Promise.all([running, living]);
  await pause(1000);
  const end: Probe = await probe(flow.nodeRed);
  if (end.heap > warm.heap + 8) failures.add('heap grown by more than 8 MiB after warming up');
  if (/unhandled|uncaught/i.test(flow.nodeRed.log)) failures.add('unhandled error in the log');
  const ended = await watch.stop();
  await flow.stop();
  limit?.remove();
  rmSync(folder, { recursive: true });
  return {
    scenario: `${seconds} s of mixed traffic, heap of 128 MiB`,
    requests: pool.requests,
    failures: failures.total,
    worstWait: pool.worstWait,
    ...ended,
    note: `${limit ? 'in a control group of 512 MiB; ' : ''}heap ${warm.heap.toFixed(1)} → ${end.heap.toFixed(1)} MiB; 1 % of the requests wait 2 s for their 504 ${failures.toString()}`,
  };
}

/** A client that leaves in the middle of its download. */
function leave(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = net.connect(port, '127.0.0.1', () =>
      socket.write('GET /files/page.bin HTTP/1.1\r\nHost: x\r\n\r\n'),
    );
    socket.once('data', () => socket.destroy()).on('error', () => undefined);
    socket.once('close', () => done(true));
  });
}
