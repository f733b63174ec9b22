// All kinds of redirects.
const { POST, Redirect, Response, Server, Status } = require('@flow-http/node-red-http-server/engine');

const { HOST = '0.0.0.0', PORT = '5000' } = process.env;
const server = new Server({ debug: true });

server.route('/new', ['GET', POST], (request) => new Response(request, `${request.method} /new`));
server.route('/found', 'GET', (request) => new Redirect(request, '/new'));
server.route('/moved', 'GET', (request) => new Redirect(request, '/new', { permanent: true }));
server.route('/temporary', POST, (request) => new Redirect(request, '/new', { preserveMethod: true }));
server.route('/permanent', POST, (request) => new Redirect(request, '/new', { permanent: true, preserveMethod: true }));
server.route('/other', POST, (request) => new Redirect(request, '/new', { status: new Status(303) }));

server.serveForever(HOST, Number(PORT));
