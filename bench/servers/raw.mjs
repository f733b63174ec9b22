// Bare node:http, as fast as a person would write it: the bound everything else is measured against.
// --keep-alive SECONDS: how long an idle connection is kept, when that is not Node's 5.
// --node-red FILE: writes a line to the log of this Node-RED for each request, those of a turn in one write.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { 'keep-alive': { type: 'string' }, 'node-red': { type: 'string' } } });
const log = values['node-red'] && createRequire(values['node-red'])('@node-red/util').log;
log?.init({});
let lines = [];

const server = createServer((request, response) => {
  if (log && lines.push(`127.0.0.1 -- "GET ${request.url}" 60 -- "200 OK" 150 -- 1ms`) === 1) setImmediate(writeLines);
  if (request.method === 'POST') {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const value = JSON.parse(Buffer.concat(chunks).toString());
      answer(response, 'application/json; charset=utf-8', JSON.stringify(value));
    });
    return;
  }
  const path = request.url.split('?', 1)[0];
  if (path.startsWith('/hello/'))
    answer(response, 'text/html; charset=utf-8', decodeURIComponent(path.slice('/hello/'.length)));
  else response.writeHead(404).end();
});
if (values['keep-alive']) server.keepAliveTimeout = Number(values['keep-alive']) * 1000;
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));

function answer(response, type, body) {
  response.writeHead(200, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

function writeLines() {
  process.stdout.cork();
  for (const msg of lines) log.log({ level: log.INFO, id: 'server', type: 'http-server-config', msg });
  process.stdout.uncork();
  lines = [];
}
