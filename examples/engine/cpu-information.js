// Facts about this machine as JSON.
const fs = require('node:fs');
const os = require('node:os');
const { JSONResponse, Server } = require('@flow-http/node-red-http-server/engine');

const { HOST = '0.0.0.0', PORT = '5000' } = process.env;
const server = new Server({ debug: true });

function temperature() {
  try {
    return Number(fs.readFileSync('/sys/class/thermal/thermal_zone0/temp', 'utf8')) / 1000;
  } catch {
    return null;
  }
}

server.route('/cpu-information', 'GET', (request) => {
  const [cpu] = os.cpus();
  return new JSONResponse(request, { temperature: temperature(), frequency: cpu?.speed, model: cpu?.model });
});

server.serveForever(HOST, Number(PORT));
