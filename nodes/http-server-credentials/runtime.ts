import { Access } from '../../src/doors/access.js';
import type { CredentialsNode } from '../lib/access-reference.js';
import type { Refusal } from '../lib/settings.js';
import type { NodeMaker } from '../lib/register-node.js';
import type { RuntimeApi, SavedProperties } from '../lib/typings.js';
import { readConfig } from './config.js';
import { type CredentialEntry, isWeakSecret, readEntries, readRows } from './entry.js';

/** Milliseconds between two looks at password and key files. */
const probeInterval = 5000;

export default (RED: RuntimeApi): NodeMaker<CredentialsNode> => {
  function HttpServerCredentials(this: CredentialsNode, saved: SavedProperties): void {
    RED.nodes.createNode(this, saved);
    this.watchers = new Set();
    const { realm, entries, errors, skipped } = read(this, saved);
    const report = (problem: string): void => {
      if (problem !== '') this.error(`Nobody can come in by a file: ${problem}.`);
      for (const changed of this.watchers) changed();
    };
    if (errors.length > 0) this.error(errors.map(({ property, reason }) => `${property}: ${reason}`).join(' '));
    else if (entries.length === 0) this.error('Nobody can come in: there is no entry with its secret.');
    else if (skipped.length > 0)
      this.warn(`Without their secret, these entries of the list let nobody in: ${skipped.join(', ')}.`);
    if (entries.some((entry) => entry.scheme === 'jwt' && entry.secret !== undefined && isWeakSecret(entry.secret)))
      this.warn('A shared secret for JWTs has fewer than 32 bytes: whoever has a token can guess it (RFC 7518 3.2).');
    this.access = accessOf(realm, errors.length > 0 ? [] : entries, report, (reason) => this.error(reason));
    const timer = this.access.probe() ? setInterval(() => this.access?.probe(), probeInterval).unref() : undefined;
    this.on('close', () => {
      clearInterval(timer);
      this.access = undefined;
      for (const changed of this.watchers) changed();
    });
  }

  /** The settings with the secrets put in place; one that cannot work leaves no way in at all. */
  function read(
    node: CredentialsNode,
    saved: SavedProperties,
  ): {
    realm: string;
    entries: readonly CredentialEntry[];
    errors: readonly Pick<Refusal, 'property' | 'reason'>[];
    /** Places in the list whose secret is not there. */
    skipped: readonly number[];
  } {
    const { settings, errors } = readConfig(saved);
    if (!settings) return { realm: '', entries: [], errors, skipped: [] };
    const secrets = node.credentials as Record<string, unknown>;
    const written = readEntries(withVariables(node, parsed(secrets['entries'])));
    const rows = readRows(settings.list, (slot) => secrets[`secret${slot}`]);
    return {
      realm: settings.realm,
      entries: [...(written.entries ?? []), ...rows.entries],
      errors: [...(written.errors ?? []), ...rows.errors],
      skipped: rows.skipped,
    };
  }

  /** Environment variables in place of `${NAME}`, in nested arrays and objects too; an unknown one stays, to be refused. */
  function withVariables(node: CredentialsNode, value: unknown): unknown {
    if (Array.isArray(value)) return value.map((one) => withVariables(node, one));
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withVariables(node, one)]));
    const name = typeof value === 'string' ? /^\$\{([^{}]+)\}$/.exec(value)?.[1] : undefined;
    if (name === undefined) return value;
    const found: unknown = RED.util.evaluateNodeProperty(name, 'env', node, {});
    return found === '' || found === undefined ? value : found;
  }

  return HttpServerCredentials;
};

/** The JSON of hand-written entries as a value; what is no JSON is left for the reader to refuse. */
function parsed(entries: unknown): unknown {
  if (typeof entries !== 'string' || entries === '') return entries;
  try {
    return JSON.parse(entries) as unknown;
  } catch {
    return entries;
  }
}

/** The access of these entries; one without any, so that nobody comes in, when an entry cannot be used. */
function accessOf(
  realm: string,
  entries: readonly CredentialEntry[],
  onProblem: (problem: string) => void,
  refuse: (reason: string) => void,
): Access {
  try {
    return new Access({ realm, entries, onProblem });
  } catch (error) {
    refuse(`A key cannot be used, nobody can come in: ${error instanceof Error ? error.message : String(error)}.`);
    return new Access({ realm, entries: [], onProblem });
  }
}
