import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { projectRoot } from '../support/node-red.js';

const dist = join(projectRoot, 'dist');
const files = readdirSync(join(dist, 'nodes'))
  .map((name) => join(dist, 'nodes', name, `${name}.js`))
  .filter((file) => existsSync(file))
  .concat(join(dist, 'plugins', 'http-servers', 'http-servers.js'));

/** What of Node-RED the nodes need to be registered and made. */
const runtime = `
const { EventEmitter } = require('node:events');
const made = new Map();
const types = new Map();
const loaded = () => Object.keys(require.cache);
class FlowNode extends EventEmitter { status() {} log() {} warn() {} debug() {} error(error) { throw new Error(error); } }
const RED = {
  events: new EventEmitter(),
  settings: {},
  util: {},
  auth: { needsPermission: () => () => undefined },
  httpAdmin: { get() {}, post() {}, delete() {} },
  nodes: {
    createNode: (node, saved) => Object.assign(node, saved),
    registerType(type, make) { Object.setPrototypeOf(make.prototype, FlowNode.prototype); types.set(type, make); },
    getNode: (id) => made.get(id) ?? null,
    eachNode: (see) => made.forEach(see),
  },
};
for (const file of ${JSON.stringify(files)}) require(file).default(RED);
`;

/** The modules of the pack, libraries included, that a script ends with; the script is given the runtime above. */
function loadedBy(script: string): string[] {
  const output = execFileSync(process.execPath, ['-e', runtime + script], { encoding: 'utf8' });
  return (JSON.parse(output) as string[]).map((file) => relative(dist, file));
}

const tell = 'process.stdout.write(JSON.stringify(loaded()), () => process.exit());';

const oneServer = [
  { id: 's', type: 'http-server-config', host: '127.0.0.1', port: '0' },
  { id: 'i', type: 'http-server-in', server: 's', wires: [['r']] },
  { id: 'r', type: 'route', rules: [{ methods: ['GET'], path: '/<name>' }], otherwise: 'files', wires: [['o']] },
  { id: 'o', type: 'http-server-response', wires: [] },
];

/** Makes these nodes and waits for the server to listen. */
const flow = `
for (const saved of ${JSON.stringify(oneServer)}) {
  const node = new FlowNode();
  Object.setPrototypeOf(node, types.get(saved.type).prototype);
  types.get(saved.type).call(node, saved);
  made.set(saved.id, node);
}
RED.events.emit('flows:started', { config: {} });
const { server } = made.get('s');
`;

describe('The start of Node-RED', () => {
  const registered = loadedBy(tell);
  const listening = loadedBy(
    `${flow}server.on('state', ({ state }) => { if (state === 'listening') ${tell.slice(0, -1)} });`,
  );

  it('loads hardly more than a file for each node type', () => {
    assert.ok(files.length >= 10);
    assert.ok(registered.length <= files.length + 8, registered.join('\n'));
  });

  it('loads no engine before a flow has a server', () => {
    assert.deepEqual(
      registered.filter((file) => file.startsWith('src')),
      [join('src', 'doors', 'hand-over.js'), join('src', 'server', 'hand-over.js')],
    );
  });

  // Each costs a start some half a millisecond of CPU: the target of 60 ms stands and falls with their number.
  it('loads at most 90 modules for a server with an entry, a route and an answer, and no library', () => {
    assert.ok(listening.length > 40);
    assert.ok(listening.length <= 90, `${listening.length}:\n${listening.join('\n')}`);
    assert.deepEqual(
      listening.filter((file) => file.includes('node_modules')),
      [],
    );
  });

  it('loads nothing for what a flow does not have', () => {
    for (const part of [
      'auth',
      'sse',
      'websocket',
      'mdns',
      'file',
      'server/cors',
      'server/secure-options',
      'server/live-channels',
      'body/multipart',
      'exchange/compression',
      'exchange/express-methods',
    ])
      assert.deepEqual(
        listening.filter((file) => file.startsWith(join('src', part))),
        [],
        part,
      );
  });

  it('has loaded all that a plain request needs', () => {
    const answered = loadedBy(
      `
for (const node of made.values()) node.send = (message) => {
  const next = made.get(node.wires?.[0]?.[0]);
  setImmediate(() => next.emit('input', message, (sent) => next.send(sent), (error) => { if (error) throw error; }));
};
server.on('state', ({ state, url }) => {
  if (state !== 'listening') return;
  const before = loaded().length;
  require('node:http').get(url + 'x', (response) => {
    if (response.statusCode !== 200) throw new Error(String(response.statusCode));
    process.stdout.write(JSON.stringify(loaded().slice(before)), () => process.exit());
  });
});`.replace(/^/, flow),
    );
    assert.deepEqual(answered, []);
  });
});
