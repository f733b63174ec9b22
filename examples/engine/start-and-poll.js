// Start, do other work, and look now and then what became of the requests: they are served meanwhile.
const { NO_REQUEST, Response, Server } = require('@flow-http/node-red-http-server/engine');

const { HOST = '0.0.0.0', PORT = '5000' } = process.env;
const server = new Server({ debug: true });

server.route('/', 'GET', (request) => new Response(request, 'Hello from the HTTP server!'));
server.route('/stop', 'GET', (request) => {
  server.stop();
  return new Response(request, 'Bye');
});

async function main() {
  await server.start(HOST, Number(PORT));
  while (!server.stopped) {
    // Other work goes here.
    const result = await server.poll(1);
    if (result !== NO_REQUEST) console.log(result);
  }
}

main();
