// A folder of files, and a few types of our own. Without a route every GET looks for a file.
const path = require('node:path');
const { FileResponse, Server } = require('@flow-http/node-red-http-server/engine');

const { HOST = '0.0.0.0', PORT = '5000' } = process.env;
const server = new Server({ rootPath: path.join(__dirname, 'static'), debug: true });

// Unknown extensions are text/plain, only these keep their type, and one is new.
server.mimeTypes.configure({
  defaultTo: 'text/plain',
  keepFor: ['.html', '.css', '.svg'],
  register: { '.level': 'application/x-level' },
});

// Another file name for the start page than index.html.
server.route('/home', 'GET', (request) => new FileResponse(request, 'home.html'));

server.serveForever(HOST, Number(PORT));
