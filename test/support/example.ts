/** The flows of the Import menu, to be run as they are but for their ports. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Flow, freePort, projectRoot } from './node-red.js';

/** An example with its server on a free port of the loopback interface. */
export async function example(
  name: string,
  changes: Readonly<Record<string, Record<string, unknown>>> = {},
): Promise<{ flow: Flow; port: number }> {
  const port = await freePort();
  const flow = JSON.parse(readFileSync(join(projectRoot, 'examples', `${name}.json`), 'utf8')) as Flow;
  return {
    port,
    flow: flow.map((node) => ({
      ...node,
      ...(node['type'] === 'http-server-config' ? { host: '127.0.0.1', port: String(port) } : {}),
      ...changes[String(node['type'])],
    })),
  };
}
