// Clients of live connections: raw sockets that cost this process next to nothing.
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** How many handshakes are under way at once. */
const atOnce = 50;

/** An event stream's request. */
export function streamRequest(path = '/events') {
  return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n`;
}

/** A WebSocket's handshake. */
export function upgradeRequest(path = '/ws') {
  return (
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n'
  );
}

/** Opens connections that have got the head of their answer. Each reads and forgets what comes behind it. */
export async function open(port, request, count) {
  const sockets = [];
  while (sockets.length < count) {
    const some = Array.from({ length: Math.min(atOnce, count - sockets.length) }, () => connect(port, '127.0.0.1'));
    await Promise.all(
      some.map(async (socket) => {
        socket.on('error', () => undefined).setNoDelay();
        socket.write(request);
        const [head] = await once(socket, 'data');
        if (!/^HTTP\/1.1 (?:101|200) /.test(head.toString('latin1'))) throw new Error(head.toString('latin1'));
        socket.on('data', () => undefined);
      }),
    );
    sockets.push(...some);
  }
  return sockets;
}

/** Waits until nothing comes any more, and says how many bytes have come since `before`. */
export async function settled(sockets, before = 0) {
  const bytes = () => sockets.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
  for (let last = -1; last !== bytes(); await sleep(60)) last = bytes();
  return bytes() - before;
}

/** Bytes the sockets have read so far. */
export function bytesOf(sockets) {
  return sockets.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
}

/** Ends connections and waits for the end. */
export async function close(sockets) {
  await Promise.all(
    sockets.map((socket) => {
      const closed = socket.destroyed ? undefined : once(socket, 'close');
      socket.destroy();
      return closed;
    }),
  );
}

/** A masked text frame of less than 64 KiB. */
export function textFrame(text) {
  const data = Buffer.from(text);
  const key = [0x12, 0x34, 0x56, 0x78];
  const length = data.length < 126 ? [0x80 | data.length] : [0x80 | 126, data.length >> 8, data.length & 0xff];
  return Buffer.from([0x81, ...length, ...key, ...data.map((byte, index) => byte ^ key[index % 4])]);
}

/** Bytes of the frame a server sends for so much text. */
export function frameSize(text) {
  const size = Buffer.byteLength(text);
  return size + (size < 126 ? 2 : 4);
}

/**
 * Each socket sends a frame and, when so many bytes have come back, the next, for some seconds.
 * @returns the number of answers
 */
export async function pingPong(sockets, frame, answerSize, seconds) {
  let answers = 0;
  let running = true;
  const ends = sockets.map(
    (socket) =>
      new Promise((resolve) => {
        let missing = answerSize;
        const onData = (chunk) => {
          missing -= chunk.length;
          if (missing > 0) return;
          missing = answerSize;
          answers += 1;
          if (running) socket.write(frame);
          else {
            socket.off('data', onData);
            resolve();
          }
        };
        socket.on('data', onData);
        socket.write(frame);
      }),
  );
  await sleep(seconds * 1000);
  running = false;
  await Promise.all(ends);
  return answers;
}

/** Kilobytes of memory one idle client costs a server, resident and on the heap. */
export async function idleCost(target, request, count) {
  await close(await open(target.port, request, 100));
  await sleep(200);
  const before = await target.memory();
  const sockets = await open(target.port, request, count);
  await sleep(300);
  const after = await target.memory();
  await close(sockets);
  return {
    rss: (after.rss - before.rss) / 1024 / count,
    heap: (after.heapUsed + after.external - before.heapUsed - before.external) / 1024 / count,
  };
}
