// The GET over 1 to 1000 connections.
import { coreHello, ourHello } from './lib/flows.mjs';
import { requestOf } from './lib/load.mjs';
import { nodeRedTarget } from './lib/node-red.mjs';
import { curve } from './lib/curve.mjs';
import { scriptTarget } from './lib/target.mjs';

export const title = 'GET over 1 to 1000 connections';

export async function run({ platform, rounds, seconds }) {
  const { node } = platform;
  return curve(
    [
      () => nodeRedTarget('ours', ourHello(), { platform }),
      () => scriptTarget('raw node:http', 'raw.mjs', { node }),
      () => scriptTarget('Fastify', 'fastify.mjs', { node }),
      () => nodeRedTarget('core http in', coreHello, { platform, withPack: false }),
    ],
    [1, 10, 100, 1000],
    (connections) => ({ connections, request: requestOf('/hello/world') }),
    { rounds, seconds, name: 'connections', label: 'connections' },
  );
}
