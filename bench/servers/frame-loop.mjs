// The least Node can do with WebSockets: one frame a chunk, unmasked and written back, on /all to everyone in a loop.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

const everyone = new Set();

const server = createServer();
server.on('upgrade', ({ url, headers }, socket) => {
  const accept = createHash('sha1').update(`${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Accept: ${accept.digest('base64')}\r\n\r\n`,
  );
  if (url === '/all') everyone.add(socket);
  socket.on('close', () => everyone.delete(socket)).on('error', () => undefined);
  socket.on('data', (chunk) => {
    const frame = unmasked(chunk);
    if (url !== '/all') socket.write(frame);
    else for (const one of everyone) one.write(frame);
  });
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));

/** A client's frame of less than 64 KiB as a server sends it. */
function unmasked(chunk) {
  const short = chunk[1] & 0x7f;
  const start = short === 126 ? 4 : 2;
  const frame = Buffer.concat([chunk.subarray(0, start), chunk.subarray(start + 4)]);
  frame[1] = short;
  for (let index = start; index < frame.length; index += 1) frame[index] ^= chunk[start + ((index - start) & 3)];
  return frame;
}
