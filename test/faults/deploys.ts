import { EventClient, SocketClient } from '../support/live-client.js';
import { LiveFlow } from '../support/live-flow.js';
import { pause } from '../support/node-red.js';
import { faultNodes, startFaultFlow } from './flow.js';
import { Failures, type Row, Watch, probe } from './measure.js';
import { Pool } from './pool.js';

/** 50 connections, 10 event streams and 10 WebSockets through 30 full deploys. */
export async function deploysUnderLoad(): Promise<Row> {
  const deploys = 30;
  const flow = await startFaultFlow();
  const failures = new Failures();
  const watch = new Watch(flow.nodeRed);
  const streams = await Promise.all(Array.from({ length: 10 }, () => EventClient.open(flow.url('/events'))));
  const sockets = await Promise.all(
    Array.from({ length: 10 }, () => SocketClient.open(`ws://127.0.0.1:${flow.port}/ws`)),
  );
  const pool = new Pool(50, failures);
  const running = pool.run(50, async (_, n) => {
    const { status, body } = await pool.ask(flow.url(`/echo?n=${n}`));
    return status === 200 && (JSON.parse(body) as { n: string }).n === String(n);
  });
  const publisher = new Pool(1, failures);
  let refused = 0;
  const publishing = publisher.run(1, async (_, n) => {
    await pause(20);
    const headers = { 'Content-Type': 'application/json' };
    for (;;) {
      const answer = await publisher.ask(flow.url('/publish'), { method: 'POST', headers, body: `{"text":"${n}"}` });
      if (answer.status !== 503 || answer.retryAfter !== '1') return answer.status === 200;
      // A deploy has cut its message, and nothing is done twice without the client: it asks again.
      refused += 1;
    }
  });
  const talker = new Pool(1, failures);
  const talking = talker.run(10, async (_, n) => {
    const socket = sockets[n % sockets.length];
    await pause(50);
    return socket !== undefined && !socket.closed && (await askSocket(socket, String(n)));
  });
  let longest = 0;
  for (let version = 1; version <= deploys; version += 1) {
    const began = performance.now();
    await flow.nodeRed.deploy(LiveFlow.flows(faultNodes(version), flow.port));
    longest = Math.max(longest, performance.now() - began);
    await pause(200);
  }
  for (const one of [pool, publisher, talker]) one.stop();
  await Promise.all([running, publishing, talking]);
  await pause(200);
  for (const stream of streams) {
    const numbers = stream.data.map(Number);
    if (stream.ended) failures.add('event stream closed');
    failures.add('event lost or doubled', numbers.filter((number, index) => number !== index + 1).length);
    if (numbers.length !== publisher.requests) failures.add('event missing at the end');
    stream.close();
  }
  for (const socket of sockets) {
    if (socket.closed) failures.add('WebSocket closed');
    socket.ws.terminate();
  }
  if (pool.worstWait > longest + 200) failures.add('wait longer than a deploy + 200 ms');
  const ended = await watch.stop();
  await flow.stop();
  return {
    scenario: '50 connections through full deploys',
    deploys,
    requests: pool.requests + publisher.requests,
    failures: failures.total,
    worstWait: pool.worstWait,
    ...ended,
    note: `${publisher.requests} events to each of 10 streams, ${talker.requests} WebSocket answers, ${refused} POSTs told to try again; the longest deploy took ${Math.round(longest)} ms ${failures.toString()}`,
  };
}

async function askSocket(socket: SocketClient, text: string): Promise<boolean> {
  return (await socket.ask(text)) !== '';
}

/** 200 deploys, and what the process keeps of them. */
export async function deployLeaks(): Promise<Row> {
  const flow = await startFaultFlow();
  const failures = new Failures();
  const deploy = (version: number): Promise<void> =>
    flow.nodeRed.deploy(LiveFlow.flows(faultNodes(version), flow.port), version % 2 === 0 ? 'full' : 'nodes');
  for (let version = 1; version <= 40; version += 1) await deploy(version);
  const watch = new Watch(flow.nodeRed);
  const before = await probe(flow.nodeRed);
  for (let version = 41; version <= 240; version += 1) await deploy(version);
  await pause(6000);
  const after = await probe(flow.nodeRed);
  if (after.timers > before.timers) failures.add('timers left');
  if (after.handles > before.handles) failures.add('handles left');
  if (after.listeners > before.listeners) failures.add('listeners left');
  if (after.heap > before.heap + 6) failures.add('heap grown by more than 6 MiB');
  if (/MaxListenersExceededWarning/.test(flow.nodeRed.log)) failures.add('too many listeners');
  const ended = await watch.stop();
  await flow.stop();
  return {
    scenario: '200 deploys, full and nodes by turns',
    deploys: 200,
    failures: failures.total,
    ...ended,
    note: `heap ${before.heap.toFixed(1)} → ${after.heap.toFixed(1)} MiB, timers ${before.timers} → ${after.timers}, handles ${before.handles} → ${after.handles}, listeners ${before.listeners} → ${after.listeners} ${failures.toString()}`,
  };
}
