// A body that is sent while it is made.
const { ChunkedResponse, Server } = require('@flow-http/node-red-http-server/engine');
const { setTimeout: wait } = require('node:timers/promises');

const { HOST = '0.0.0.0', PORT = '5000' } = process.env;
const server = new Server({ debug: true });

server.route('/chunked', 'GET', (request) => {
  async function* body() {
    yield 'Adaf';
    yield ''; // an empty part is skipped: it would end the answer
    await wait(20);
    yield Buffer.from('ruit');
    yield ' Indus';
    yield 'tries';
  }
  return new ChunkedResponse(request, body);
});

server.serveForever(HOST, Number(PORT));
