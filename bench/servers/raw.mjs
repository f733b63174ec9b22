// Bare node:http, as fast as a person would write it: the bound everything else is measured against.
import { createServer } from 'node:http';

const server = createServer((request, response) => {
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
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));

function answer(response, type, body) {
  response.writeHead(200, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}
