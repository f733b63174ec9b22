/** The server node as the other dialogs see it: its address, its label, the one that a dropped node takes. */
import { firstOf } from './config-node.js';
import { plainText } from './form.js';
import type { NodeDefinition } from './red.js';
import './red.js';

/** What we read of a server node, whichever type the values have. */
interface ServerNode {
  readonly id: string;
  readonly host?: unknown;
  readonly port?: unknown;
  readonly tls?: unknown;
  readonly name?: unknown;
}

const SERVER = 'http-server-config';

/** The server to offer a node that was just dropped: the first one there is, "" when there is none. */
export function firstServer(): string {
  return firstOf(SERVER);
}

/**
 * The server for a door that was just dropped: the first one there is, else a new one with the default port, so that the
 * flow works as it stands. Undo takes it away with the door, redo brings both back.
 */
export function serverForDropped(door: string): string {
  const first = firstServer();
  const definition = RED.nodes.getType(SERVER) as NodeDefinition<Record<string, unknown>> | undefined;
  if (first !== '' || definition === undefined) return first;
  const id = RED.nodes.id();
  const saved: Record<string, unknown> = {};
  for (const [property, { value }] of Object.entries(definition.defaults)) saved[property] = structuredClone(value);
  const dirty = RED.nodes.dirty();
  RED.nodes.add({ ...saved, id, type: SERVER, z: '', users: [], valid: true, changed: true, _def: definition });
  // Node-RED writes its own step, which adds the door, when this has returned.
  setTimeout(() => {
    const last = RED.history.peek();
    const steps = last?.t === 'multi' ? (last.events ?? []) : last === undefined ? [] : [last];
    const step = steps.find(({ t, nodes }) => t === 'add' && nodes?.includes(door) === true);
    if (step === undefined) RED.history.push({ t: 'add', nodes: [id], dirty });
    else step.nodes?.unshift(id);
  });
  return id;
}

/** The server of that id, or null. */
export function serverOf(id: string | undefined): ServerNode | null {
  const node = id === undefined || id === '' ? undefined : RED.nodes.node(id);
  return node?.type === SERVER ? node : null;
}

/** The port as ":8080", for canvas labels; "" without a server. */
export function portLabel(id: string | undefined): string {
  const server = serverOf(id);
  return server === null ? '' : `:${plainText(server.port)}`;
}

/** The address under which this browser most likely reaches the server; null when the port is not a plain number. */
export function addressOf(server: Omit<ServerNode, 'id'>): string | null {
  const port = plainText(server.port);
  if (!/^[1-9]\d{0,4}$/.test(port)) return null;
  const secure = typeof server.tls === 'string' && server.tls !== '' && server.tls !== '_ADD_';
  const host = plainText(server.host);
  const anywhere = host === '' || host === '0.0.0.0' || host === '::' || host.startsWith('${');
  const name = anywhere ? location.hostname : host.includes(':') ? `[${host}]` : host;
  const usual = secure ? '443' : '80';
  return `${secure ? 'https' : 'http'}://${name}${port === usual ? '' : `:${port}`}`;
}

/** The address of one path of a server; null while it is not known, or when the path is a pattern. */
export function addressOfPath(server: string | undefined, path: string): string | null {
  const found = serverOf(server);
  const address = found === null ? null : addressOf(found);
  return address === null || /[<>:]|\.\.\.|\*|\$\{/.test(path) ? null : address + (path === '' ? '/' : path);
}

/** Fills a tip with the address as a link and a button that copies it; hidden while there is none. */
export function showAddress(tip: JQuery, address: string | null, copyTitle: string): void {
  tip.empty().toggle(address !== null);
  if (address === null) return;
  const link = $('<a target="_blank" rel="noopener noreferrer">').attr('href', address).text(address);
  const copy = $('<button type="button" class="red-ui-button red-ui-button-small">')
    .attr({ title: copyTitle, 'aria-label': copyTitle })
    .append($('<i class="fa fa-clipboard" aria-hidden="true">'))
    .on('click', (event) => {
      event.preventDefault();
      RED.clipboard.copyText(address, copy);
    });
  tip.append($('<i class="fa fa-external-link" aria-hidden="true">'), ' ', link, ' ', copy);
}
