// ws alone: echoes on /ws, and on /all sends what one client says to everyone.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const server = createServer();
const sockets = new WebSocketServer({ server });
sockets.on('connection', (socket, { url }) => {
  socket.on('message', (data, isBinary) => {
    const to = url === '/all' ? sockets.clients : [socket];
    const content = isBinary ? data : data.toString();
    for (const one of to) one.send(content);
  });
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
