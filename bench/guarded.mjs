// The same GET with everything a careful server has: basic auth, CORS, default headers, access log.
import { ourHello } from './lib/flows.mjs';
import { requestOf } from './lib/load.mjs';
import { nodeRedTarget } from './lib/node-red.mjs';
import { compare } from './lib/rounds.mjs';
import { scriptTarget } from './lib/target.mjs';
import { costTable, verdict } from './lib/verdict.mjs';

export const title = 'GET with basic auth, CORS, default headers and access log';

const password = 'a bench is no secret';
const access = { id: 'access', type: 'http-server-credentials', name: '', realm: 'bench' };
const credentials = {
  access: { entries: JSON.stringify([{ scheme: 'basic', username: 'bench', password }]) },
};
const config = {
  access: 'access',
  cors: { origins: ['https://site.example'] },
  headers: [
    { name: 'X-Frame-Options', value: 'DENY' },
    { name: 'Referrer-Policy', value: 'no-referrer' },
    { name: 'Cache-Control', value: 'no-store' },
  ],
  accessLog: true,
};
export const guardedRequest = requestOf('/hello/world', {
  headers: {
    Authorization: `Basic ${Buffer.from(`bench:${password}`).toString('base64')}`,
    Origin: 'https://site.example',
  },
});

/** The flow and the credentials it needs. */
export const guardedHello = ourHello({ config, access });
export const guardedCredentials = credentials;

export async function run({ platform, rounds, seconds }) {
  const { node, nodeRed } = platform;
  const results = await compare(
    [
      () => nodeRedTarget('all of it', guardedHello, { platform, credentials }),
      () =>
        nodeRedTarget('all but the access log', ourHello({ config: { ...config, accessLog: false }, access }), {
          platform,
          credentials,
        }),
      () => nodeRedTarget('plain', ourHello(), { platform }),
      () => scriptTarget('raw node:http', 'raw.mjs', { node }),
      () =>
        scriptTarget("raw node:http and a line of Node-RED's log", 'raw.mjs', { node, args: ['--node-red', nodeRed] }),
    ],
    { request: guardedRequest },
    { rounds, seconds },
  );
  const [guarded, unlogged, plain] = results;
  return {
    verdicts: [
      verdict('beside the plain GET', plain.cpu / guarded.cpu, 0.7),
      verdict('the same without access log', plain.cpu / unlogged.cpu, 0.7),
    ],
    tables: [costTable('32 connections', results)],
  };
}
