// GET with a parameter, answered with text: server-in → route → change → response.
import { bareHello, bareSettings, coreHello, ourHello } from './lib/flows.mjs';
import { requestOf } from './lib/load.mjs';
import { nodeRedTarget } from './lib/node-red.mjs';
import { compare } from './lib/rounds.mjs';
import { scriptTarget } from './lib/target.mjs';
import { costTable, verdict } from './lib/verdict.mjs';

export const title = 'GET with a parameter → text';

export async function run({ platform, rounds, seconds, execArgv, under }) {
  const { node } = platform;
  const results = await compare(
    [
      () => nodeRedTarget('ours', ourHello(), { platform, execArgv, under }),
      () => scriptTarget('raw node:http', 'raw.mjs', { node, execArgv, under }),
      () => scriptTarget('Fastify', 'fastify.mjs', { node, execArgv, under }),
      () =>
        nodeRedTarget('bare hops', bareHello, { platform, withPack: false, settings: bareSettings, execArgv, under }),
      () => nodeRedTarget('core http in', coreHello, { platform, withPack: false, execArgv, under }),
    ],
    { request: requestOf('/hello/world') },
    { rounds, seconds },
  );
  const [ours, raw, fastify, bare, core] = results;
  return {
    verdicts: [
      verdict('beside raw node:http', raw.cpu / ours.cpu, 0.75),
      verdict('beside Fastify', fastify.cpu / ours.cpu, 0.75),
      verdict('beside the bare hops of the same flow', bare.cpu / ours.cpu, 0.85),
      verdict('beside core http in', core.cpu / ours.cpu, platform.name === '4.1' ? 6 : 4.5),
    ],
    tables: [costTable('32 connections', results)],
  };
}
