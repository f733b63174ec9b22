// Parts of the path as parameters, wildcards, and routes that are collected before they are added.
const { GET, Response, Server, asRoute } = require('@flow-http/node-red-http-server/engine');

const { HOST = '0.0.0.0', PORT = '5000' } = process.env;
const server = new Server({ debug: true });
const devices = { 'device-1': 'off', 'device-2': 'off' };

function perform(request, { device, action }) {
  if (!(device in devices)) return new Response(request, `There is no device ${device}`, { status: 404 });
  if (action === 'turn-on' || action === 'turn-off') devices[device] = action.slice(5);
  else if (action !== undefined) return new Response(request, `There is no action ${action}`, { status: 400 });
  return new Response(request, `${device} is ${devices[device]}`);
}

server.addRoutes([
  asRoute('/device/<device>/action/<action>', GET, perform, { appendSlash: true }),
  // `...` is one segment, `....` one character or more; both are in the parameters by number.
  asRoute('/device/.../status/....', GET, (request, params) => new Response(request, `${params[0]}: ${params[1]}`)),
]);
server.route('/device/<device>', GET, perform);

server.serveForever(HOST, Number(PORT));
