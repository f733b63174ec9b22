// HTTPS with a certificate and key in PEM files. A pair for trying out:
// openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -keyout key.pem -out cert.pem
const { Response, Server } = require('@flow-http/node-red-http-server/engine');

const { HOST = '0.0.0.0', PORT = '5443', CERTFILE = 'cert.pem', KEYFILE = 'key.pem' } = process.env;
const server = new Server({ https: true, certfile: CERTFILE, keyfile: KEYFILE, debug: true });

server.route('/', 'GET', (request) => new Response(request, 'Hello from the HTTPS server!'));

server.serveForever(HOST, Number(PORT));
