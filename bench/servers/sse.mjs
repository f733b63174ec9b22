// Server-sent events by better-sse or by writing to plain responses. Argument: better-sse|raw, the folder of the peers.
// GET /events joins; GET /publish?events=N publishes N events, one in each turn of the event loop, and answers when the
// last is written.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const [, , library, peers] = process.argv;
const { join, publish, count } = { 'better-sse': better, raw }[library]();

const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://bench');
  if (url.pathname === '/events') void join(request, response);
  else void run(Number(url.searchParams.get('events')), response);
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));

async function run(events, response) {
  for (let event = 0; event < events; event += 1) {
    publish({ sequence: event, value: Math.sin(event), text: 'a line of telemetry' });
    await new Promise((resolve) => setImmediate(resolve));
  }
  response.end(String(events * count()));
}

function better() {
  const { createChannel, createSession } = createRequire(`${peers}/package.json`)('better-sse');
  const channel = createChannel();
  return {
    join: async (request, response) => channel.register(await createSession(request, response)),
    publish: (data) => channel.broadcast(data, 'telemetry'),
    count: () => channel.sessionCount,
  };
}

function raw() {
  const clients = new Set();
  let id = 0;
  return {
    join(_request, response) {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
      response.write(': welcome\n\n');
      clients.add(response);
      response.on('close', () => clients.delete(response));
    },
    publish(data) {
      id += 1;
      const event = `event: telemetry\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
      for (const client of clients) client.write(event);
    },
    count: () => clients.size,
  };
}
