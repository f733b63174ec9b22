import { setTimeout as sleep } from 'node:timers/promises';
import { Server, defaultBodyOptions, defaultLimits, defaultSettings } from '../../src/index.js';
import type { BodyOptions, Entry, Exchange, Limits, Logger, ServerSettings, TlsMaterial } from '../../src/index.js';

/** What a flow would do with a request. */
export type Handler = (exchange: Exchange) => void;

/** A door of the test server. */
export interface TestEntry {
  readonly methods?: readonly string[];
  readonly path?: string;
  readonly body?: Partial<BodyOptions>;
  readonly access?: Entry['access'];
  readonly order?: number;
  readonly handle: Handler;
}

/** Settings that differ from the defaults. */
export interface TestSettings extends Partial<Omit<ServerSettings, 'limits' | 'cors'>> {
  readonly limits?: Partial<Limits>;
  readonly cors?: Partial<ServerSettings['cors']>;
  readonly access?: Entry['access'];
  readonly tls?: TlsMaterial;
  readonly address?: { host: string; port: number };
}

/** A server of the engine that listens on 127.0.0.1 and what it said. */
export interface TestServer {
  readonly server: Server;
  readonly port: number;
  readonly url: string;
  /** Lines of its log, `level message`. */
  readonly log: string[];
  stop(): Promise<void>;
}

/** Whole settings from those that differ. */
export function settingsOf(settings: TestSettings): ServerSettings {
  return {
    ...defaultSettings,
    ...settings,
    limits: { ...defaultLimits, drainTimeout: 1, ...settings.limits },
    cors: { ...defaultSettings.cors, ...settings.cors },
  };
}

/** A whole entry from what differs. */
export function entryOf(entry: TestEntry): Entry {
  return {
    methods: entry.methods ?? [],
    path: entry.path ?? '',
    access: entry.access,
    order: entry.order ?? 0,
    body: { ...defaultBodyOptions, ...entry.body },
    handle: entry.handle,
  };
}

/** A logger that writes into a list. */
export function logInto(lines: string[]): Logger {
  const at =
    (level: string) =>
    (message: string): void => {
      lines.push(`${level} ${message}`);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** A server that does not listen yet. */
export function newServer(settings: TestSettings = {}, log: string[] = []): Server {
  return new Server({
    address: settings.address ?? { host: '127.0.0.1', port: 0 },
    settings: settingsOf(settings),
    access: settings.access,
    tls: settings.tls,
    logger: logInto(log),
  });
}

/** Starts a server whose requests go to one handler, or to several entries. */
export async function startServer(
  entries: Handler | readonly TestEntry[] = [],
  settings: TestSettings = {},
): Promise<TestServer> {
  const log: string[] = [];
  const server = newServer(settings, log);
  for (const entry of typeof entries === 'function' ? [{ handle: entries }] : entries) server.addEntry(entryOf(entry));
  await server.start();
  return { server, port: server.state.port, url: server.state.url, log, stop: () => server.stop() };
}

/** Resolves when the check holds; throws when it does not within the time. */
export async function eventually(what: string, check: () => boolean, milliseconds = 5000): Promise<void> {
  const deadline = Date.now() + milliseconds;
  while (!check()) {
    if (Date.now() > deadline) throw new Error(`In vain: ${what}`);
    await sleep(5);
  }
}
