import { performance } from 'node:perf_hooks';
import { HttpError, toHttpError } from '../../src/doors/exchange.js';
import { handOver } from '../../src/doors/hand-over.js';
import {
  Server,
  type Locked,
  type Logger,
  type ServerSettings,
  type ServerState,
  defaultLimits,
  defaultSettings,
} from '../../src/doors/server.js';
import type { AccessReference } from '../lib/access-reference.js';
import type { FlowLifecycle } from '../lib/flow-lifecycle.js';
import { groupHeaders } from '../lib/setting-field.js';
import { type ServerNode, ServerUsers, accessReference } from '../lib/server-node.js';
import type { NodeMaker } from '../lib/register-node.js';
import type { RuntimeApi, SavedProperties } from '../lib/typings.js';
import type * as Lines from './access-lines.js';
import type * as Certificates from './certificate.js';
import type { Certificate } from './certificate.js';
import { type HttpServerConfigSettings, readConfig } from './config.js';

/** Locked-out addresses a server's nodes know of at most. */
const shownLocked = 32;

export default (RED: RuntimeApi, lifecycle: FlowLifecycle): NodeMaker<ServerNode> => {
  function HttpServerConfig(this: ServerNode, saved: SavedProperties): void {
    RED.nodes.createNode(this, saved);
    this.users = new ServerUsers(this);
    this.locked = new Map();
    const { settings, errors } = readConfig(saved);
    if (!settings) {
      this.refusal = errors.map(({ property, reason }) => `${property}: ${reason}`).join(' ');
      this.error(this.refusal);
      return;
    }
    try {
      begin(this, settings);
    } catch (error) {
      this.refusal = toHttpError(error).message;
      this.error(this.refusal);
    }
  }

  function begin(node: ServerNode, settings: HttpServerConfigSettings): void {
    const tls = settings.tls === '' ? undefined : certificateOf(node, settings);
    const access = settings.access === '' ? undefined : accessReference(RED, settings.access, () => node.users.show());
    const server = serverOf(node, settings, tls, access);
    node.server = server;
    node.access = access;
    let raised = '';
    const onState = ({ error, port }: ServerState): void => {
      node.users.show();
      // One error an episode: retries that fail alike say nothing new.
      if (error && error.message !== raised)
        lifecycle.whenStarted(() => node.users.raise(explained(error, lifecycle.listenerOn(port))));
      raised = error?.message ?? '';
    };
    const onActivity = (): void => node.users.show();
    const onLockout = (locked: Locked): void => noteLocked(node, locked);
    server.on('state', onState).on('activity', onActivity).on('lockout', onLockout);
    // Credentials of a tab may be made after the server.
    if (access) lifecycle.whenStarted(() => node.users.show());
    node.certificate = tls;
    applyAutoStart(server, settings.autoStart);
    node.on('close', (removed: boolean, done: () => void) => {
      tls?.close();
      access?.close();
      node.locked.clear();
      server.off('state', onState).off('activity', onActivity).off('lockout', onLockout);
      if (!lifecycle.isDeploy) {
        lifecycle.end(server).then(done, done);
        return;
      }
      if (removed || lifecycle.isGone(node._alias ?? node.id)) void lifecycle.end(server);
      else handOver.hold(node.id, server, tls !== undefined);
      done();
    });
  }

  /** The server an earlier node of this id has left behind at the same address, with the settings of now, or a new one. */
  function serverOf(
    node: ServerNode,
    settings: HttpServerConfigSettings,
    tls: Certificate | undefined,
    access: AccessReference | undefined,
  ): Server {
    const engine = engineSettings(settings);
    const address = { host: settings.host, port: settings.port };
    const { kept, moved } = handOver.take(node.id, address, tls !== undefined);
    if (moved) void lifecycle.end(moved);
    if (!kept) {
      if (tls && !tls.material) throw tls.problem ?? new HttpError('BAD_CERTIFICATE');
      const server = new Server({
        address,
        settings: engine,
        tls: tls?.material,
        access,
        logger: loggerOf(RED, node, settings),
      });
      lifecycle.add(server);
      tls?.serve(server, false);
      return server;
    }
    try {
      kept.setLogger(loggerOf(RED, node, settings));
      kept.configure(engine, access);
    } catch (error) {
      void lifecycle.end(kept);
      throw error;
    }
    tls?.serve(kept, true);
    return kept;
  }

  function certificateOf(node: ServerNode, { tls, clientCert }: HttpServerConfigSettings): Certificate {
    const onProblem = (error: HttpError | undefined): void => {
      // While the node is made there is nobody to tell yet: a server that cannot begin says so itself.
      lifecycle.whenStarted(() => {
        if (error && node.server) node.users.raise(error);
        node.users.show();
      });
    };
    const certificates = require('./certificate.js') as typeof Certificates;
    return new certificates.Certificate({ RED, id: tls, needsCa: clientCert === 'require', onProblem });
  }

  /** A server another node has left behind may still hold the port: it is stopped when all nodes are there. */
  function applyAutoStart(server: Server, autoStart: boolean): void {
    if (!autoStart) void server.stop();
    else if (server.state.state !== 'stopped') return;
    else if (handOver.blocks(server.address)) lifecycle.whenStarted(() => void server.start({ retry: true }));
    else void server.start({ retry: true });
  }

  return HttpServerConfig;
};

/** Shows for as long as it lasts that an address has to wait, and says so once. The name it tried is not repeated. */
function noteLocked(node: ServerNode, { address, wait }: Locked): void {
  node.warn(`Too many failed logins from ${address}: refused for ${wait} seconds.`);
  const until = performance.now() + wait * 1000;
  node.locked.delete(address);
  node.locked.set(address, until);
  for (const [oldest] of node.locked) if (node.locked.size > shownLocked) node.locked.delete(oldest);
  node.users.show();
  setTimeout(() => {
    if (node.locked.get(address) !== until) return;
    node.locked.delete(address);
    node.users.show();
  }, wait * 1000).unref();
}

/** The error of a server whose port another server of the flows has: there is no other program to look for. */
function explained(error: HttpError, other: Server | undefined): HttpError {
  if (error.code !== 'PORT_IN_USE' || !other) return error;
  const { host, port } = other.state;
  return new HttpError('PORT_IN_USE', {
    message: `port: ${port} is already taken by another server of these flows (${host}:${port}). Choose another port; trying again every 5 seconds.`,
    cause: error,
  });
}

function loggerOf(RED: RuntimeApi, node: ServerNode, { accessLog }: HttpServerConfigSettings): Logger {
  const lines = accessLog ? new (require('./access-lines.js') as typeof Lines).AccessLines(RED.log, node) : undefined;
  return {
    debug: (text) => node.debug(text),
    info: (text) => lines?.add(text),
    warn: (text) => node.warn(text),
    error: (text) => node.error(text),
  };
}

function engineSettings(settings: HttpServerConfigSettings): ServerSettings {
  const { headers, cors, hosts, compression, trustProxy, securityHeaders, accessLog, debug, rootPath, clientCert } =
    settings;
  const { lockout } = settings;
  return {
    ...defaultSettings,
    rootPath,
    headers: groupHeaders(headers),
    cors,
    hosts,
    compression,
    trustProxy,
    securityHeaders,
    lockout,
    accessLog,
    debug,
    clientCert,
    advertise: { name: settings.advertise },
    mediaTypes: { defaultTo: settings.mimeDefault, register: settings.mimeTypes, keep: settings.mimeKeep },
    limits: {
      ...defaultLimits,
      bodyLimit: settings.bodyLimit,
      uploadLimit: settings.uploadLimit,
      bodyBudget: settings.bodyBudget,
      headersTimeout: settings.headersTimeout,
      requestTimeout: settings.requestTimeout,
      responseTimeout: settings.responseTimeout,
      sendTimeout: settings.sendTimeout,
      keepAliveTimeout: settings.keepAliveTimeout,
      maxConnections: settings.maxConnections,
      maxConnectionsPerIp: settings.maxConnectionsPerIp,
      maxRequestsPerSocket: settings.maxRequestsPerSocket,
    },
  };
}
