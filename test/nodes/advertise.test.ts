import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { LiveFlow } from '../support/live-flow.js';
import { MdnsClient, types } from '../support/mdns-client.js';

const nodes = [
  { id: 'in', type: 'http-server-in', server: 'server', wires: [['out']] },
  { id: 'out', type: 'http-server-response' },
];
const kind = '_http._tcp.local';

describe('a server node with an mDNS name', () => {
  const name = `Flow ${process.pid}`;
  let flow: LiveFlow;
  let client: MdnsClient;

  before(async () => {
    // The real port of multicast DNS, on the loopback interface alone: that is where the server listens.
    client = await MdnsClient.open(5353);
    flow = await LiveFlow.start(nodes, { advertise: name });
  });
  after(async () => {
    await flow.stop();
    await client.close();
  });

  it('is found in the network with its real port', async () => {
    const { data } = await client.resolve(`${name}.${kind}`, types.SRV);
    assert.match(data, new RegExp(`^${flow.port} [\\w-]+\\.local$`));
  });

  it('keeps its name through a deploy, and changes it with the property', async () => {
    client.heard.length = 0;
    await flow.nodeRed.deploy(LiveFlow.flows(nodes, flow.port, { advertise: name }));
    await client.resolve(`${name}.${kind}`, types.SRV);
    const goodbyes = client.heard
      .flatMap(({ records }) => records)
      .filter((one) => one.ttl === 0 && one.name.startsWith(name));
    assert.deepEqual(goodbyes, []);

    await flow.nodeRed.deploy(LiveFlow.flows(nodes, flow.port, { advertise: `${name} new` }));
    await client.record('a goodbye', (one) => one.ttl === 0 && one.name === `${name}.${kind}`);
    await client.resolve(`${name} new.${kind}`, types.SRV);
  });

  it('says goodbye when the server is removed', async () => {
    client.heard.length = 0;
    const rest = LiveFlow.flows([], flow.port).filter(({ id }) => id !== 'server');
    await flow.nodeRed.deploy(rest);
    await client.record('a goodbye', (one) => one.ttl === 0 && one.name === `${name} new.${kind}`);
  });
});
