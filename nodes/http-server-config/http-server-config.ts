import { performance } from 'node:perf_hooks';
import {
  HttpError,
  Server,
  type Locked,
  type Logger,
  type ServerSettings,
  type ServerState,
  defaultLimits,
  defaultSettings,
  handOver,
  toHttpError,
} from '../../src/index.js';
import { AccessReference } from '../lib/access-reference.js';
import { FlowLifecycle } from '../lib/flow-lifecycle.js';
import { type ServerNode, ServerUsers } from '../lib/server-node.js';
import { type TlsSource, fileStamp, readTls } from '../lib/tls-material.js';
import type { RuntimeApi, SavedProperties } from '../lib/typings.js';
import { type HttpServerConfigSettings, readConfig } from './config.js';

/** Milliseconds between two looks at certificate files. */
const certificateInterval = 2000;
/** Locked-out addresses a server's nodes know of at most. */
const shownLocked = 32;

export default (RED: RuntimeApi): void => {
  const lifecycle = new FlowLifecycle(RED);

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
    const tls = settings.tls === '' ? undefined : certificate(settings.tls);
    const address = `${tls ? 'https' : 'http'}://${settings.host}:${settings.port}`;
    const engine = engineSettings(settings);
    const access =
      settings.access === '' ? undefined : new AccessReference(RED, settings.access, () => node.users.show());
    const kept = handOver.take(node.id, address);
    const server =
      kept ??
      new Server({
        address: { host: settings.host, port: settings.port },
        settings: engine,
        tls: tls?.material,
        access,
        logger: loggerOf(node),
      });
    node.server = server;
    node.access = access;
    if (kept) {
      kept.setLogger(loggerOf(node));
      kept.configure(engine, access);
      if (tls) kept.setCertificate(tls.material);
    }
    let raised = '';
    const onState = ({ error }: ServerState): void => {
      node.users.show();
      // One error an episode: retries that fail alike say nothing new.
      if (error && error.message !== raised) lifecycle.whenStarted(() => node.users.raise(error));
      raised = error?.message ?? '';
    };
    const onActivity = (): void => node.users.show();
    const onLockout = (locked: Locked): void => noteLocked(node, locked);
    server.on('state', onState).on('activity', onActivity).on('lockout', onLockout);
    // Credentials of a tab may be made after the server.
    if (access) lifecycle.whenStarted(() => node.users.show());
    const watch = tls && watchCertificate(node, settings.tls, tls);
    lifecycle.add(server);
    if (!kept && settings.autoStart) void startWhenFree(server, address);
    node.on('close', (_removed: boolean, done: () => void) => {
      clearInterval(watch);
      access?.close();
      node.locked.clear();
      server.off('state', onState).off('activity', onActivity).off('lockout', onLockout);
      if (lifecycle.isDeploy) {
        handOver.hold(node.id, address, server);
        done();
        return;
      }
      lifecycle.remove(server);
      server.stop().then(done, done);
    });
  }

  /** A held server that is no longer wanted may still own the address: it is closed first. */
  async function startWhenFree(server: Server, address: string): Promise<void> {
    await Promise.all(handOver.drop(address).map((old) => old.stop()));
    await server.start({ retry: true });
  }

  function certificate(id: string): TlsSource {
    try {
      return readTls(RED, id);
    } catch (error) {
      throw new HttpError('BAD_CERTIFICATE', {
        message: `tls: ${error instanceof Error ? error.message : String(error)}`,
      });
    }
  }

  /** Takes over certificate files that change on disk; a broken one keeps the old and says so. */
  function watchCertificate(node: ServerNode, id: string, first: TlsSource): NodeJS.Timeout | undefined {
    if (first.files.length === 0) return undefined;
    let stamp = fileStamp(first.files);
    const timer = setInterval(() => {
      const now = fileStamp(first.files);
      if (now === stamp) return;
      stamp = now;
      try {
        node.server?.setCertificate(readTls(RED, id).material);
      } catch (error) {
        node.users.raise(
          new HttpError('BAD_CERTIFICATE', {
            message: `The changed certificate cannot be used, the old one stays: ${error instanceof Error ? error.message : String(error)}`,
            cause: error,
          }),
        );
      }
    }, certificateInterval);
    return timer.unref();
  }

  RED.nodes.registerType('http-server-config', HttpServerConfig as never);
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

function loggerOf(node: ServerNode): Logger {
  return {
    debug: (text) => node.debug(text),
    info: (text) => node.log(text),
    warn: (text) => node.warn(text),
    error: (text) => node.error(text),
  };
}

function engineSettings(settings: HttpServerConfigSettings): ServerSettings {
  const { headers, cors, hosts, compression, trustProxy, securityHeaders, accessLog, debug, rootPath, clientCert } =
    settings;
  const { lockout } = settings;
  const grouped = new Map<string, string[]>();
  for (const { name, value } of headers) grouped.set(name, [...(grouped.get(name) ?? []), value]);
  return {
    ...defaultSettings,
    rootPath,
    headers: [...grouped].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values] as const),
    cors,
    hosts,
    compression,
    trustProxy,
    securityHeaders,
    lockout,
    accessLog,
    debug,
    clientCert,
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
