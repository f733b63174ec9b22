// One address, several methods, and what else a request to it may be: HEAD and OPTIONS are answered by themselves.
const { DELETE, GET, JSONResponse, POST, PUT, Server } = require('@flow-http/node-red-http-server/engine');

const { HOST = '0.0.0.0', PORT = '5000' } = process.env;
const server = new Server({ debug: true });
const objects = [{ id: 1, name: 'Object 1' }];

server.route('/api', [GET, POST, PUT, DELETE], (request) => {
  if (request.method === 'GET' || request.method === 'HEAD') return new JSONResponse(request, { objects });

  const sent = request.json();
  const index = objects.findIndex(({ id }) => id === sent?.id);
  if (request.method === 'POST') {
    objects.push({ id: sent.id, name: sent.name });
    return new JSONResponse(request, { message: 'Object added', object: objects.at(-1) }, { status: 201 });
  }
  if (index < 0) return new JSONResponse(request, { message: 'Object not found' }, { status: 404 });
  if (request.method === 'PUT') {
    objects[index] = { id: sent.id, name: sent.name };
    return new JSONResponse(request, { message: 'Object updated', object: objects[index] });
  }
  const [object] = objects.splice(index, 1);
  return new JSONResponse(request, { message: 'Object deleted', object });
});

server.serveForever(HOST, Number(PORT));
