// The least a flow can be: node:http hands a message to the first node, the last one answers. What this costs more than
// bare node:http is Node-RED's own message hops, and nothing of ours.
const http = require('node:http');

module.exports = (RED) => {
  RED.nodes.registerType('bare-in', function BareIn(saved) {
    RED.nodes.createNode(this, saved);
    const server = http.createServer((req, res) => {
      const path = req.url.split('?', 1)[0];
      req.params = { name: decodeURIComponent(path.slice('/hello/'.length)) };
      this.send({ _msgid: RED.util.generateId(), payload: {}, req, res: { _res: res } });
    });
    server.listen(Number(saved.port), '127.0.0.1');
    this.on('close', () => server.close());
  });
  RED.nodes.registerType('bare-pass', function BarePass(saved) {
    RED.nodes.createNode(this, saved);
    const row = Array.from({ length: saved.outputs }, () => null);
    this.on('input', (msg, send, done) => {
      row[row.length - 1] = msg;
      send(row.length === 1 ? msg : row);
      done();
    });
  });
  RED.nodes.registerType('bare-out', function BareOut(saved) {
    RED.nodes.createNode(this, saved);
    this.on('input', (msg, _send, done) => {
      const body = msg.payload;
      msg.res._res.writeHead(200, {
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Length': Buffer.byteLength(body),
      });
      msg.res._res.end(body);
      done();
    });
  });
};
