// Found by name in the local network: http://custom-mdns-hostname.local:5000/, and as a service of the kind _http._tcp.
const { Response, Server } = require('@flow-http/node-red-http-server/engine');

const { HOST = '0.0.0.0', PORT = '5000', DNS_PORT = '5353' } = process.env;
const server = new Server({
  debug: true,
  advertise: { name: 'Example server', hostname: 'custom-mdns-hostname', dnsPort: Number(DNS_PORT) },
});

server.route('/', 'GET', (request) => new Response(request, 'Hello from the HTTP server with a name!'));

server.serveForever(HOST, Number(PORT));
