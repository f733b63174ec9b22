// One folder below an address of its own: the handler says which file of which root.
const path = require('node:path');
const { FileResponse, Server } = require('@flow-http/node-red-http-server/engine');

const { HOST = '0.0.0.0', PORT = '5000' } = process.env;
const server = new Server({ debug: true });
const folder = path.join(__dirname, 'static');

server.route('/files/....', 'GET', (request, params) => new FileResponse(request, params[0], folder));
server.route(
  '/download/<name>',
  'GET',
  (request, { name }) => new FileResponse(request, name, folder, { asAttachment: true }),
);

server.serveForever(HOST, Number(PORT));
