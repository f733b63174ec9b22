// Two servers in one program, each with its own routes; one handler serves both.
const path = require('node:path');
const { Response, Server } = require('@flow-http/node-red-http-server/engine');

const { HOST = '0.0.0.0', PORT = '5000', SECOND_PORT = '8000' } = process.env;
const bedroom = new Server({ rootPath: path.join(__dirname, 'static'), debug: true });
const office = new Server({ debug: true });

bedroom.route('/bed', 'GET', (request) => new Response(request, 'This is for the bedroom'));
office.route('/desk', 'GET', (request) => new Response(request, 'This is for the office'));

const home = (request) => new Response(request, `Hello from ${request.server === bedroom ? 'bedroom' : 'office'}`);
bedroom.route('/home', 'GET', home);
office.route('/home', 'GET', home);

bedroom.serveForever(HOST, Number(PORT));
office.serveForever(HOST, Number(SECOND_PORT));
