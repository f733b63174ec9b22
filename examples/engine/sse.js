// Server-sent events to every page that listens.
const os = require('node:os');
const { Response, SSEResponse, Server } = require('@flow-http/node-red-http-server/engine');

const { HOST = '0.0.0.0', PORT = '5000' } = process.env;
const server = new Server({ debug: true });
const clients = new Set();

const page = `<!doctype html>
<title>Load</title>
<p>Load of the machine: <b id="load">-</b></p>
<script>
  const source = new EventSource('/load');
  source.onmessage = (event) => { document.getElementById('load').textContent = event.data; };
  source.addEventListener('close', () => source.close());
</script>`;

server.route('/', 'GET', (request) => new Response(request, page, { contentType: 'text/html' }));

server.route('/load', 'GET', (request) => {
  const response = new SSEResponse(request);
  clients.add(response);
  response.onClose(() => clients.delete(response));
  return response;
});

setInterval(() => {
  for (const client of clients) client.sendEvent(os.loadavg()[0].toFixed(2));
}, 500).unref();

server.serveForever(HOST, Number(PORT));
