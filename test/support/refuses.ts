import net from 'node:net';

/** True when nobody listens on this port of the loopback interface. */
export function refuses(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('error', () => done(true));
    socket.once('connect', () => {
      done(false);
      socket.destroy();
    });
  });
}
