// The smallest server: one page. Open http://localhost:5000/
const { Response, Server } = require('@flow-http/node-red-http-server/engine');

const { HOST = '0.0.0.0', PORT = '5000' } = process.env;
const server = new Server({ debug: true });

server.route('/', 'GET', (request) => new Response(request, 'Hello from the HTTP server!'));

server.serveForever(HOST, Number(PORT));
