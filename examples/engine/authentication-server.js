// Everything behind a password or a token: pages, files, and addresses that do not exist.
const { Basic, Bearer, Response, Server, Token } = require('@flow-http/node-red-http-server/engine');

const { HOST = '0.0.0.0', PORT = '5000' } = process.env;
const server = new Server({ debug: true, realm: 'Workshop' });

server.requireAuthentication([
  new Basic('user', 'password'),
  new Token('2db53340-4f9c-4f70-9037-d25bee77eca6'),
  new Bearer('642ec696-2a79-4d60-be3a-7c9a3164d766', { name: 'robot' }),
]);

server.route('/', 'GET', (request) => new Response(request, `Authenticated as ${request.user.name}`));

server.serveForever(HOST, Number(PORT));
