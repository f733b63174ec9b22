// A WebSocket in both directions: the page sets a colour, the server counts.
const { GET, Response, Server, Websocket } = require('@flow-http/node-red-http-server/engine');

const { HOST = '0.0.0.0', PORT = '5000' } = process.env;
const server = new Server({ debug: true });

const page = `<!doctype html>
<title>Colour</title>
<input type="color"> <output></output>
<script>
  const socket = new WebSocket('ws://' + location.host + '/connect');
  document.querySelector('input').oninput = (event) => socket.send(event.target.value);
  socket.onmessage = (event) => { document.querySelector('output').textContent = event.data; };
</script>`;

server.route('/client', GET, (request) => new Response(request, page, { contentType: 'text/html' }));

async function talk(socket) {
  let count = 0;
  for await (const message of socket) {
    count += 1;
    socket.sendMessage(`${count}: ${message}`, { failSilently: true });
  }
}

server.route('/connect', GET, (request) => {
  const socket = new Websocket(request);
  talk(socket);
  return socket;
});

server.serveForever(HOST, Number(PORT));
