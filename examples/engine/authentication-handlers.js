// Some pages behind a password: the handler asks.
const {
  Basic,
  Response,
  Server,
  Token,
  checkAuthentication,
  isException,
  requireAuthentication,
} = require('@flow-http/node-red-http-server/engine');

const { HOST = '0.0.0.0', PORT = '5000' } = process.env;
const server = new Server({ debug: true });
const auths = [new Basic('user', 'password'), new Token('token')];

server.route('/check', 'GET', async (request) => {
  const isKnown = await checkAuthentication(request, auths);
  return new Response(request, isKnown ? 'Authenticated' : 'Not authenticated');
});

server.route('/require', 'GET', async (request) => {
  await requireAuthentication(request, auths); // throws: the client gets a 401 with a challenge
  return new Response(request, `Authenticated as ${request.user.name}`);
});

server.route('/require-else', 'GET', async (request) => {
  try {
    await requireAuthentication(request, auths);
    return new Response(request, 'Authenticated');
  } catch (error) {
    if (!isException(error, 'AuthenticationError')) throw error;
    return new Response(request, 'Not authenticated - handled by the page', { status: 403 });
  }
});

server.serveForever(HOST, Number(PORT));
