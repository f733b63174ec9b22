import { readFileSync, statSync } from 'node:fs';
import type { TlsMaterial } from '../../src/doors/server.js';
import type { RuntimeApi } from './typings.js';

/** A core `tls-config` node as far as a server needs it. */
interface TlsNode {
  addTLSOptions?(options: Record<string, unknown>): unknown;
  valid?: boolean;
}

const fileProperties = { cert: 'cert', key: 'key', ca: 'ca', pfx: 'p12' } as const;

/**
 * The material of a core `tls-config` node. Only key, cert, ca, pfx and passphrase are taken: the rest of that node is
 * meant for clients. Files are read now, so that a renewed certificate is found.
 * @throws Error naming what is missing
 */
export function readTls(RED: RuntimeApi, id: string): TlsMaterial {
  const node = RED.nodes.getNode(id) as unknown as TlsNode | null;
  if (!node?.addTLSOptions) throw new Error('the TLS configuration node is missing or disabled.');
  const options: Record<string, unknown> = {};
  node.addTLSOptions(options);
  const material: Record<string, unknown> = {};
  for (const name of ['key', 'cert', 'ca', 'pfx', 'passphrase'] as const)
    if (options[name]) material[name] = options[name];
  for (const [name, path] of Object.entries(tlsFiles(RED, id))) material[name] = readFileSync(path);
  if (!material['pfx'] && !(material['key'] && material['cert']))
    throw new Error('the TLS configuration has no certificate and key.');
  return material;
}

/** When these files were changed last; a file that cannot be read counts as changed. */
export function fileStamp(files: readonly string[]): string {
  return files
    .map((file) => {
      try {
        const { mtimeMs, size, ino } = statSync(file);
        return `${mtimeMs}:${size}:${ino}`;
      } catch {
        return 'missing';
      }
    })
    .join('|');
}

/**
 * Paths of the files a tls-config node reads, by material; none where files are forbidden or it holds uploads. A change
 * of one calls for {@link readTls} again.
 */
export function tlsFiles(RED: RuntimeApi, id: string): Partial<Record<keyof typeof fileProperties, string>> {
  if ((RED.settings as { tlsConfigDisableLocalFiles?: boolean }).tlsConfigDisableLocalFiles) return {};
  let saved: Record<string, unknown> = {};
  RED.nodes.eachNode((node) => {
    if (node.id === id) saved = node as unknown as Record<string, unknown>;
  });
  const kind = saved['certType'];
  if (kind === 'env') return {};
  const wanted = kind === 'pfx' ? (['pfx'] as const) : (['cert', 'key', 'ca'] as const);
  const node = RED.nodes.getNode(id);
  const found: Partial<Record<keyof typeof fileProperties, string>> = {};
  for (const name of wanted) {
    const path = saved[fileProperties[name]];
    if (typeof path !== 'string' || path.trim() === '') continue;
    const variable = /^\$\{([^{}]+)\}$/.exec(path.trim())?.[1];
    const value: unknown = variable === undefined ? path : RED.util.evaluateNodeProperty(variable, 'env', node, {});
    if (typeof value === 'string' && value !== '') found[name] = value;
  }
  return found;
}
