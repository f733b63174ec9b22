// A response class of your own: anything with a `send` that answers its request.
const { Server } = require('@flow-http/node-red-http-server/engine');

const { HOST = '0.0.0.0', PORT = '5000' } = process.env;
const server = new Server({ debug: true });

class CsvResponse {
  constructor(request, rows) {
    this.request = request;
    this.rows = rows;
  }

  send() {
    const { response } = this.request;
    response.setHeader('Content-Type', 'text/csv; charset=utf-8; header=present');
    response.send(this.rows.map((row) => `${row.join(',')}\r\n`).join(''));
  }
}

server.route(
  '/table.csv',
  'GET',
  (request) =>
    new CsvResponse(request, [
      ['id', 'name'],
      [1, 'one'],
    ]),
);

server.serveForever(HOST, Number(PORT));
