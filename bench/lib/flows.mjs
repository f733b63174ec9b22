// The flows that are measured, as functions of the server's port.
import { fileURLToPath } from 'node:url';

/** A tab with these nodes, wired in order; `rest` are nodes of their own. */
function tab(chain, rest = []) {
  const nodes = chain.map((node, index) => ({
    id: `n${index}`,
    z: 'tab',
    x: 100 + 150 * index,
    y: 100,
    wires: [index + 1 < chain.length ? [`n${index + 1}`] : []],
    ...node,
  }));
  return [{ id: 'tab', type: 'tab', label: 'bench' }, ...rest, ...nodes];
}

/** A server of ours with its defaults; host and port apart. */
function server(port, properties = {}) {
  return { id: 'server', type: 'http-server-config', name: '', host: '127.0.0.1', port: String(port), ...properties };
}

const takeName = {
  type: 'change',
  rules: [{ t: 'set', p: 'payload', pt: 'msg', to: 'req.params.name', tot: 'msg' }],
};

/** GET with a parameter → text: server-in → route → change → response. */
export const ourHello =
  ({ rules = [{ methods: ['GET'], path: '/hello/<name>' }], config = {}, access } = {}) =>
  (port) => {
    const chain = [{ type: 'http-server-in', server: 'server', methods: [], path: '' }];
    chain.push({ type: 'route', rules, otherwise: 'files', outputs: rules.length });
    chain.push(takeName, { type: 'http-server-response' });
    const nodes = tab(chain, [server(port, config), ...(access ? [access] : [])]);
    // The rule that is asked for is the last one.
    const route = nodes.find(({ type }) => type === 'route');
    route.wires = rules.map((_, index) => (index === rules.length - 1 ? route.wires[0] : []));
    return nodes;
  };

/** The same in core nodes: http in → change → http response. */
export const coreHello = () =>
  tab([{ type: 'http in', url: '/hello/:name', method: 'get' }, takeName, { type: 'http response' }]);

/** The same hops with nothing in them, `bench/bare-nodes`: what Node-RED itself costs. `settings` loads those nodes. */
export const bareHello = (port) => bareHops(1)(port);

/** The same with so many outputs at the second node, whose last one is used. */
export const bareHops = (outputs) => (port) => {
  const nodes = tab([{ type: 'bare-in', port }, { type: 'bare-pass', outputs }, takeName, { type: 'bare-out' }]);
  const pass = nodes.find(({ type }) => type === 'bare-pass');
  pass.wires = [...Array.from({ length: outputs - 1 }, () => []), pass.wires[0]];
  return nodes;
};
export const bareSettings = { nodesDir: fileURLToPath(new URL('../bare-nodes', import.meta.url)) };

/** POST JSON → the same JSON: server-in → route → response. */
export const ourEcho =
  (config = {}) =>
  (port) =>
    tab(
      [
        { type: 'http-server-in', server: 'server', methods: [], path: '' },
        { type: 'route', rules: [{ methods: ['POST'], path: '/echo' }], otherwise: 'files', outputs: 1 },
        { type: 'http-server-response' },
      ],
      [server(port, config)],
    );

/** The same in core nodes: http in → http response. */
export const coreEcho = () => tab([{ type: 'http in', url: '/echo', method: 'post' }, { type: 'http response' }]);

/** A folder: server-in → file-response. */
export const ourFiles = (rootPath) => (port) =>
  tab(
    [{ type: 'http-server-in', server: 'server', methods: [], path: '' }, { type: 'file-response' }],
    [server(port, { rootPath })],
  );

/**
 * Events: GET /events joins the channel of sse-out, GET /publish makes a function node send so many messages to it and
 * answers how many deliveries that were. After each event the function sends the request to itself: a message of
 * Node-RED takes a turn of the event loop.
 */
export const ourEvents = (port) => {
  const routes = [
    { methods: ['GET'], path: '/events' },
    { methods: ['GET'], path: '/publish' },
  ];
  const func = `const events = Number(msg.req.query.events);
const sequence = msg.sequence ?? 0;
if (sequence < events) {
  node.send({ payload: { sequence, value: Math.sin(sequence), text: 'a line of telemetry' } }, false);
  msg.sequence = sequence + 1;
  node.send([null, msg, null], false);
} else {
  msg.payload = String(events * (flow.get('clients') ?? 0));
  node.send([null, null, msg], false);
}`;
  const nodes = [
    { id: 'in', type: 'http-server-in', server: 'server', methods: [], path: '', wires: [['route']] },
    { id: 'route', type: 'route', rules: routes, otherwise: '404', outputs: 2, wires: [['events'], ['publish']] },
    { id: 'events', type: 'sse-out', server: 'server', event: 'telemetry', wires: [['count']] },
    { id: 'publish', type: 'function', func, outputs: 3, wires: [['events'], ['publish'], ['answer']] },
    { id: 'answer', type: 'http-server-response', wires: [] },
    {
      id: 'count',
      type: 'change',
      rules: [{ t: 'set', p: 'clients', pt: 'flow', to: 'payload.count', tot: 'msg' }],
      wires: [[]],
    },
  ];
  return [
    { id: 'tab', type: 'tab', label: 'bench' },
    server(port),
    ...nodes.map((node, index) => ({ z: 'tab', x: 150 * index, y: 100, ...node })),
  ];
};

/** WebSockets: server-in → websocket-in, whatever a client sends goes back to it. */
export const ourSocket = (port) =>
  tab(
    [
      { type: 'http-server-in', server: 'server', methods: [], path: '' },
      { type: 'websocket-in', server: 'server' },
      { type: 'websocket-out', server: 'server' },
    ],
    [server(port)],
  );

/** Nothing but a tab: for what a setting of Node-RED serves, and for what a start costs without the pack. */
export const emptyFlow = () => tab([]);

/** A server and one node that uses it: the least a flow with this pack holds. */
export const oneServer = (port) =>
  tab([{ type: 'http-server-in', server: 'server', methods: [], path: '' }], [server(port)]);
