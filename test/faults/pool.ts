import http from 'node:http';
import type { Failures } from './measure.js';

/** What a request came to. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly retryAfter: string | undefined;
}

/** Keep-alive connections that ask without pause. */
export class Pool {
  readonly #agent: http.Agent;
  readonly #failures: Failures;
  #stopped = false;
  requests = 0;
  /** Milliseconds. */
  worstWait = 0;

  constructor(connections: number, failures: Failures) {
    this.#agent = new http.Agent({ keepAlive: true, maxSockets: connections });
    this.#failures = failures;
  }

  /** One request over the pool; rejects when the connection fails. */
  ask(
    url: string,
    { method = 'GET', headers = {}, body }: { method?: string; headers?: http.OutgoingHttpHeaders; body?: string } = {},
  ): Promise<Answer> {
    return new Promise((done, fail) => {
      const request = http.request(url, { agent: this.#agent, method, headers }, (response) => {
        let text = '';
        response
          .setEncoding('utf8')
          .on('data', (part: string) => (text += part))
          .on('error', fail)
          .on('end', () =>
            done({ status: response.statusCode ?? 0, body: text, retryAfter: response.headers['retry-after'] }),
          );
      });
      request.on('error', fail).end(body);
    });
  }

  /** Asks in so many loops until {@link stop}; resolves when all have ended. */
  async run(loops: number, ask: (pool: Pool, n: number) => Promise<boolean>): Promise<void> {
    await Promise.all(
      Array.from({ length: loops }, async () => {
        while (!this.#stopped) {
          const n = (this.requests += 1);
          const began = performance.now();
          try {
            if (!(await ask(this, n))) this.#failures.add('wrong answer');
          } catch (error) {
            this.#failures.add((error as NodeJS.ErrnoException).code ?? String(error));
          }
          this.worstWait = Math.max(this.worstWait, performance.now() - began);
        }
      }),
    );
    this.#agent.destroy();
  }

  stop(): void {
    this.#stopped = true;
  }
}
