// POST of 1 KB of JSON, parsed and answered as JSON: server-in → route → response.
import { coreEcho, ourEcho } from './lib/flows.mjs';
import { requestOf } from './lib/load.mjs';
import { nodeRedTarget } from './lib/node-red.mjs';
import { compare } from './lib/rounds.mjs';
import { scriptTarget } from './lib/target.mjs';
import { costTable, verdict } from './lib/verdict.mjs';

export const title = 'POST 1 KB JSON → echo';

/** JSON text of about so many bytes: what a device sends, not one long string. */
export function jsonOf(bytes) {
  const readings = [];
  let length = '{"readings":[]}'.length;
  for (let index = 0; length < bytes - 40; index += 1) {
    const reading = { sensor: `sensor-${index}`, value: index * 1.25, ok: true };
    length += JSON.stringify(reading).length + (index > 0 ? 1 : 0);
    readings.push(reading);
  }
  return JSON.stringify({ readings });
}

export function echoRequest(body) {
  return requestOf('/echo', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
}

export async function run({ platform, rounds, seconds }) {
  const { node } = platform;
  const results = await compare(
    [
      () => nodeRedTarget('ours', ourEcho(), { platform }),
      () => scriptTarget('raw node:http', 'raw.mjs', { node }),
      () => scriptTarget('Fastify', 'fastify.mjs', { node }),
      () => nodeRedTarget('core http in', coreEcho, { platform, withPack: false }),
    ],
    { request: echoRequest(jsonOf(1024)) },
    { rounds, seconds },
  );
  const [ours, raw, , core] = results;
  return {
    verdicts: [
      verdict('beside raw node:http', raw.cpu / ours.cpu, 0.75),
      verdict('beside core http in', core.cpu / ours.cpu, 4),
    ],
    tables: [costTable('32 connections', results)],
  };
}
