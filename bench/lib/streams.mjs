// Clients that stay: they send a request, read whatever comes and forget it.
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const sink = Buffer.allocUnsafeSlow(64 * 1024);

/** Opens so many connections and waits for the first bytes of each. `bytes()` counts all they have read. */
export async function openStreams(port, count, request) {
  const sockets = [];
  let total = 0;
  for (let done = 0; done < count; done += 50)
    await Promise.all(
      Array.from({ length: Math.min(50, count - done) }, () => {
        return new Promise((resolve, reject) => {
          const socket = net.connect({
            port,
            host: '127.0.0.1',
            onread: {
              buffer: sink,
              callback(length) {
                total += length;
                resolve();
                return true;
              },
            },
          });
          socket.on('error', reject);
          socket.write(request);
          sockets.push(socket);
        });
      }),
    );
  return {
    bytes: () => total,
    /** Resolves when nothing has arrived for 100 ms. */
    async quiet() {
      for (let last = -1; last !== total; await sleep(100)) last = total;
    },
    close() {
      for (const socket of sockets) {
        socket.removeAllListeners('error');
        socket.on('error', () => undefined);
        socket.destroy();
      }
    },
  };
}
