import type { RequestHandler } from 'express';
import type { Server } from '../../src/doors/server.js';
import { type ServerNode, serverNodeOf } from '../../nodes/lib/server-node.js';
import type { RuntimeApi } from '../../nodes/lib/typings.js';
import type * as Folders from './folder-look.js';
import type * as Watches from './request-watch.js';
import type { RequestWatch } from './request-watch.js';
import type * as Views from './server-view.js';

// Loaded when somebody looks: the editor may be closed for years.
const folders = (): typeof Folders => require('./folder-look.js') as typeof Folders;
const views = (): typeof Views => require('./server-view.js') as typeof Views;
const watches = (): typeof Watches => require('./request-watch.js') as typeof Watches;

const base = '/http-servers';

/**
 * What the sidebar "HTTP servers" and the folder fields ask of the runtime, below the editor's own address and behind its
 * own permissions: `http-servers.read` to look, `http-servers.write` to start, stop and disconnect, `flows.write` to look
 * for folders.
 *
 * **Security:** whatever changes something needs a JSON request or DELETE, which no foreign page can send unasked, also
 * where the editor has no login.
 */
export default (RED: RuntimeApi): void => {
  let watch: RequestWatch | undefined;
  const may = (permission: string): RequestHandler => RED.auth.needsPermission(permission);

  RED.httpAdmin.get(base, may('http-servers.read'), (request, response) => {
    const nodes = serverNodes();
    const servers = nodes.flatMap(({ server }) => (server ? [server] : []));
    watch ??= new (watches().RequestWatch)();
    const looked = watch.look(servers, Number(request.query['since']) || 0);
    response.json({
      servers: nodes.map((node) => views().viewOf(node, (node.server && looked.get(node.server)) ?? [])),
    });
  });

  RED.httpAdmin.post(`${base}/:id/:action`, may('http-servers.write'), (request, response) => {
    if (!request.is('application/json')) return void response.sendStatus(415);
    const { id = '', action = '' } = request.params as Record<string, string>;
    const server = serverNodeOf(RED, id)?.server;
    const act = server && actions(server)[action];
    if (!act) return void response.sendStatus(404);
    // A failure shows in the state.
    void act().catch(() => undefined);
    return void response.sendStatus(204);
  });

  RED.httpAdmin.delete(`${base}/:id/clients/:client`, may('http-servers.write'), (request, response) => {
    const { id = '', client = '' } = request.params as Record<string, string>;
    const server = serverNodeOf(RED, id)?.server;
    response.sendStatus(server && views().disconnect(server, client) ? 204 : 404);
  });

  RED.httpAdmin.get(`${base}/folders`, may('flows.write'), (request, response) => {
    const { path, list } = request.query;
    if (typeof path !== 'string' || path.includes('\0')) return void response.sendStatus(400);
    const { listFolders, lookAtFolder } = folders();
    void (list === undefined ? lookAtFolder : listFolders)(path).then((look) => response.json(look));
  });

  function serverNodes(): ServerNode[] {
    const found: ServerNode[] = [];
    RED.nodes.eachNode(({ id, type }) => {
      const node = type === 'http-server-config' ? serverNodeOf(RED, id) : undefined;
      if (node) found.push(node);
    });
    return found;
  }
};

function actions(server: Server): Readonly<Record<string, () => Promise<void>>> {
  return {
    start: () => server.start({ retry: true }),
    stop: () => server.stop(),
    restart: () => server.stop().then(() => server.start({ retry: true })),
  };
}
