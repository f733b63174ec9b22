// A counter the browser keeps.
const { Response, Server } = require('@flow-http/node-red-http-server/engine');

const { HOST = '0.0.0.0', PORT = '5000' } = process.env;
const server = new Server({ debug: true });

server.route('/', 'GET', (request) => {
  const visits = Number(request.cookies.visits ?? 0) + 1;
  return new Response(request, `Visit number ${visits}`, {
    cookies: {
      visits: String(visits),
      last: { value: request.path, maxAge: 3_600_000, httpOnly: true, sameSite: 'lax' },
    },
  });
});
server.route('/forget', 'GET', (request) => new Response(request, 'Forgotten', { cookies: { visits: null } }));

server.serveForever(HOST, Number(PORT));
