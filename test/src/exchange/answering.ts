import { after } from 'node:test';
import type { Exchange } from '../../../src/index.js';
import { RawClient, type RawResponse, get } from '../../support/raw-client.js';
import { type Handler, type TestServer, type TestSettings, startServer } from '../../support/test-server.js';

/** A server whose handler each test chooses. */
export interface Answering {
  readonly server: TestServer;
  /** The answer of this handler to this request, and what the handler threw. */
  answer(
    handle: (exchange: Exchange) => unknown,
    request?: string | Buffer,
    options?: { head?: boolean },
  ): Promise<RawResponse & { thrown: unknown }>;
}

/** Starts it; it ends with the test file. */
export async function startAnswering(settings: TestSettings = {}): Promise<Answering> {
  let handler: Handler = () => undefined;
  const server = await startServer((exchange) => handler(exchange), settings);
  after(() => server.stop());
  return {
    server,
    async answer(handle, request = get('/'), options = {}) {
      let thrown: unknown;
      const done = new Promise<void>((resolve) => {
        handler = (exchange) => {
          new Promise((answered) => {
            answered(handle(exchange));
          })
            .catch((error: unknown) => {
              thrown = error;
              if (exchange.response.headersSent) return;
              exchange.response.statusCode = 500;
              exchange.response.end('not answered');
            })
            .finally(resolve);
        };
      });
      const client = await RawClient.open(server.port);
      try {
        const response = await client.send(request).response(options);
        await done;
        return Object.assign(response, { thrown });
      } finally {
        client.destroy();
      }
    },
  };
}
