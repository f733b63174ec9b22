/** A disk that is full: what cannot be written is refused, nothing of it is left, and the server goes on. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LiveFlow } from '../support/live-flow.js';
import type { Flow } from '../support/node-red.js';
import { waitFor } from '../support/wait-for.js';
import { faultNodes } from './flow.js';
import { GoodClient } from './good-client.js';
import { Failures, type Row, Watch, skipped } from './measure.js';

const scenario = 'disk full: 4 MB for uploads and files of the flow';
const mebibyte = 1024 * 1024;

/** A Node-RED whose temporary files, kept uploads and files of the flow share 4 MB, which others fill up. */
export async function fullDisk(): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), 'faults-'));
  // A mount of the process alone: it goes with it.
  const within = [
    'unshare',
    '--map-root-user',
    '--mount',
    'sh',
    '-c',
    'mount -t tmpfs -o size=4m faults "$0" && exec "$@"',
  ];
  try {
    const tried = spawnSync(within[0] ?? '', [...within.slice(1), folder, 'true']);
    if (tried.status !== 0) return skipped(scenario, 'this user may not mount a file system (unshare, tmpfs)');
    return await measure(folder, [...within, folder]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measure(folder: string, within: string[]): Promise<Row> {
  const flow = await LiveFlow.start(
    [...faultNodes(), ...storingNodes(folder)],
    {},
    { within, env: { TMPDIR: folder } },
  );
  const failures = new Failures();
  const watch = new Watch(flow.nodeRed);
  const client = new GoodClient(flow, failures);
  /** The folder as the process sees it. */
  const disk = join(`/proc/${flow.nodeRed.child.pid}/root`, folder);
  let asked = 0;
  let full = 0;
  const expect = async (what: string, answer: Promise<number>, ...statuses: number[]): Promise<void> => {
    asked += 1;
    const status = await answer;
    if (status === 507) full += 1;
    if (!statuses.includes(status)) failures.add(`${what}: ${status}`);
  };
  const expectFiles = async (when: string, count: number): Promise<void> => {
    await waitFor('files to be gone', () => filesBelow(disk) === count, 3000).catch(() =>
      failures.add(`${when}: ${filesBelow(disk)} files instead of ${count}`),
    );
  };

  await expect('a small upload', upload(flow, '/upload', 1000), 200);
  await expect('a small upload to keep', upload(flow, '/kept', 1000), 200);
  await expectFiles('with room', 1);

  await expect('an upload larger than the disk', upload(flow, '/upload', 16 * mebibyte), 507);
  await expect('an upload to keep, larger than the disk', upload(flow, '/kept', 16 * mebibyte), 507);
  await expectFiles('after large uploads', 1);
  const many = Array.from({ length: 20 }, (_, index) => upload(flow, index % 2 === 0 ? '/upload' : '/kept', mebibyte));
  for (const one of many) await expect('one of 20 uploads', one, 200, 507);
  rmSync(join(disk, 'kept'), { recursive: true });
  await expectFiles('after 20 uploads', 0);

  await expect('a file of the flow, larger than the disk', post(flow, '/store', 4.5 * mebibyte), 507);
  rmSync(join(disk, 'stored.bin'), { force: true });
  await expect('a file of the flow', post(flow, '/store', mebibyte), 200);
  fill(join(disk, 'filler'));
  await expect('an upload, disk full', upload(flow, '/upload', 100_000), 507);
  await expect('an upload to keep, disk full', upload(flow, '/kept', 100_000), 507);
  await expect('a body in memory, disk full', post(flow, '/raw', 100_000), 200);
  await expectFiles('disk full', 2);

  rmSync(join(disk, 'filler'));
  await expect('an upload, room again', upload(flow, '/upload', 100_000), 200);
  await expect('an upload to keep, room again', upload(flow, '/kept', 100_000), 200);
  await expect('a file of the flow, room again', post(flow, '/store', mebibyte), 200);
  await expectFiles('in the end', 2);
  const { requests, worstWait } = await client.stop();
  if (/unhandled|uncaught/i.test(flow.nodeRed.log)) failures.add('unhandled error in the log');
  const ended = await watch.stop();
  await flow.stop();
  return {
    scenario,
    requests: asked + requests,
    failures: failures.total,
    worstWait,
    ...ended,
    note: `${full} of ${asked} answered 507, no file left of them; works again once there is room ${failures.toString()}`,
  };
}

/** Uploads that are kept, and what a flow writes by itself with the core file node. */
function storingNodes(folder: string): Flow {
  const door = { type: 'http-server-in', server: 'server', methods: ['POST'] };
  return [
    { ...door, id: 'kept-in', path: '/kept', upload: 'disk', uploadDir: join(folder, 'kept'), wires: [['uploaded']] },
    { ...door, id: 'store-in', path: '/store', body: 'raw', wires: [['store']] },
    {
      id: 'store',
      type: 'file',
      filename: join(folder, 'stored.bin'),
      filenameType: 'str',
      overwriteFile: 'true',
      appendNewline: false,
      wires: [['stored']],
    },
    { id: 'stored', type: 'function', func: "msg.payload = 'ok'; return msg;", wires: [['out']] },
    { id: 'not-stored', type: 'catch', scope: ['store'], wires: [['full']] },
    { id: 'full', type: 'http-server-response', statusCode: '507' },
  ];
}

/** Sends a file by multipart. @returns the status; 0 when the connection was cut */
function upload(flow: LiveFlow, path: string, size: number): Promise<number> {
  const form = new FormData();
  form.append('file', new Blob([Buffer.alloc(size, 'x')]), 'a.bin');
  return statusOf(flow.get(path, { method: 'POST', body: form }));
}

function post(flow: LiveFlow, path: string, size: number): Promise<number> {
  return statusOf(flow.get(path, { method: 'POST', body: Buffer.alloc(size, 'x') }));
}

async function statusOf(answer: Promise<Response>): Promise<number> {
  try {
    const response = await answer;
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}

/** Takes what room is left. */
function fill(path: string): void {
  for (;;) {
    try {
      writeFileSync(path, Buffer.alloc(4096), { flag: 'a' });
    } catch {
      return;
    }
  }
}

function filesBelow(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(folder, name), { throwIfNoEntry: false })?.isFile(),
  ).length;
}
