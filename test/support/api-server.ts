import { Server, type ServerOptions } from '../../src/engine.js';
import { logInto } from './test-server.js';

/** A server of the API that listens on 127.0.0.1, and what it has said. */
export interface ApiServer {
  readonly server: Server;
  readonly port: number;
  /** Without the slash at the end. */
  readonly url: string;
  /** Lines of its log, `level message`. */
  readonly log: string[];
}

/** Runs a server for the time of one test. */
export async function withServer(
  options: ServerOptions,
  build: (server: Server) => void,
  use: (started: ApiServer) => Promise<void>,
): Promise<void> {
  const log: string[] = [];
  const server = new Server({ logger: logInto(log), ...options });
  build(server);
  await server.start('127.0.0.1', 0);
  try {
    await use({ server, port: server.port ?? 0, url: `http://127.0.0.1:${String(server.port)}`, log });
  } finally {
    await server.stop();
  }
}
