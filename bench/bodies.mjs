// POST of JSON bodies of 100 bytes to 10 MB, parsed and answered.
import { coreEcho, ourEcho } from './lib/flows.mjs';
import { curve } from './lib/curve.mjs';
import { nodeRedTarget } from './lib/node-red.mjs';
import { scriptTarget } from './lib/target.mjs';
import { echoRequest, jsonOf } from './post.mjs';

export const title = 'POST of JSON, 100 bytes to 10 MB';

export async function run({ platform, rounds, seconds }) {
  const { node } = platform;
  // The one setting that is not a default: 10 MB is over the limit.
  const bodyLimit = '16mb';
  return curve(
    [
      () => nodeRedTarget('ours', ourEcho({ bodyLimit }), { platform }),
      () => scriptTarget('raw node:http', 'raw.mjs', { node }),
      () => scriptTarget('Fastify', 'fastify.mjs', { node }),
      () =>
        nodeRedTarget('core http in', coreEcho, { platform, withPack: false, settings: { apiMaxLength: bodyLimit } }),
    ],
    [100, 1000, 10_000, 100_000, 1_000_000, 10_000_000],
    (bytes) => ({ connections: bytes >= 1_000_000 ? 4 : 32, request: echoRequest(jsonOf(bytes)) }),
    { rounds, seconds, name: 'bodies', label: 'bytes of the body', logCost: true },
  );
}
