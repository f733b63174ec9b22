// A folder served by `send` (the library behind Express's static files) or by `sirv`.
// Arguments: send|sirv, the folder of the peers, the folder to serve
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const [, , library, peers, root] = process.argv;
const require = createRequire(`${peers}/package.json`);
const handlers = {
  send() {
    const send = require('send');
    return (request, response) => send(request, request.url, { root }).pipe(response);
  },
  sirv() {
    // Its defaults: the folder is scanned once, at the start.
    const { default: sirv } = { default: require('sirv') };
    const serve = sirv(root);
    return (request, response) => serve(request, response, () => response.writeHead(404).end());
  },
};
const server = createServer(handlers[library]());
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
