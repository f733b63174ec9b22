// A colour from the address to whatever glows: replace `show` by the driver of your lamp.
const { GET, Response, Server, asRoute } = require('@flow-http/node-red-http-server/engine');

const { HOST = '0.0.0.0', PORT = '5000' } = process.env;
const server = new Server({ debug: true });

function show(red, green, blue) {
  console.log(`lamp ${red} ${green} ${blue}`);
}

function fill(request, { red = '0', green = '0', blue = '0' }) {
  const colour = [red, green, blue].map(Number);
  if (!colour.every((part) => Number.isInteger(part) && part >= 0 && part <= 255))
    return new Response(request, 'A colour has three parts from 0 to 255', { status: 400 });
  show(...colour);
  return new Response(request, `Changed the lamp to ${colour.join(', ')}`);
}

server.addRoutes([asRoute('/lamp/rgb/<red>/<green>/<blue>', GET, fill)]);
// The same handler with its values from the query.
server.route('/lamp', GET, (request) =>
  fill(request, {
    red: request.queryParams.get('r'),
    green: request.queryParams.get('g'),
    blue: request.queryParams.get('b'),
  }),
);

server.serveForever(HOST, Number(PORT));
