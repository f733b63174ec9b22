import type { Socket } from 'node:net';
import { parseJson } from '../body/json.js';
import type { IncomingMessage } from '../exchange/request.js';
import type { ServerResponse } from '../exchange/response.js';
import type { Principal } from '../auth/authenticator.js';
import type { FormData } from '../http/form-data.js';
import type { Headers } from '../http/headers.js';
import type { QueryParams } from '../http/query-params.js';
import { carriesBody } from '../server/body-intake.js';
import type { Server } from './server.js';

const formTypes = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'];

/** A request in the words of the API (rows RQ1–RQ15): a view of the live request below it. */
export class Request {
  /** The server that received it. */
  readonly server: Server;
  /** The live request, Node's with Express-shaped properties: `query`, `ip`, `hostname`, `protocol`, `files` … */
  readonly raw: IncomingMessage;

  constructor(server: Server, raw: IncomingMessage) {
    this.server = server;
    this.raw = raw;
  }

  /** The live response. Whoever writes to it has answered: its handler returns nothing. */
  get response(): ServerResponse {
    return this.raw.exchange.response;
  }

  /** The socket (API row RQ3). */
  get connection(): Socket {
    return this.raw.socket;
  }

  /** `[ip, port]` of the peer (API row RQ4). Behind a trusted proxy `raw.ip` is the client. */
  get clientAddress(): [ip: string, port: number] {
    return this.raw.clientAddress;
  }

  /** As sent (API row RQ5). */
  get method(): string {
    return this.raw.method ?? '';
  }

  /** Before the first `?`, as sent (API row RQ6). */
  get path(): string {
    return this.raw.path;
  }

  /** "HTTP/1.1" (API row RQ7). */
  get httpVersion(): string {
    return `HTTP/${this.raw.httpVersion}`;
  }

  /** Headers by name, any case, duplicates kept (API row RQ8). */
  get headers(): Headers {
    return this.raw.headerFields;
  }

  /** The query, decoded; reading escapes HTML unless `{safe: false}` (API row RQ9). */
  get queryParams(): QueryParams {
    return this.raw.queryParams;
  }

  /**
   * The bytes of the body (API row RQ10); empty without one, for an upload (unless its route has `rawBody`) and for a
   * route with `body: "stream"`, where `raw` is the stream.
   */
  get body(): Buffer {
    const { body } = this.raw.exchange;
    if (Buffer.isBuffer(body?.raw)) return body.raw;
    return Buffer.isBuffer(body?.value) ? body.value : Buffer.alloc(0);
  }

  /** Cookies by name, decoded; the last duplicate wins (API row RQ12). */
  get cookies(): Readonly<Record<string, string>> {
    return this.raw.cookies;
  }

  /** Fields and files of a form, whatever the method; empty when the body is none (API row RQ13). */
  get formData(): FormData {
    const form = this.raw.formData;
    if (form.contentType !== '' && !formTypes.includes(form.contentType))
      this.server.say(
        `WARNING: Unsupported Content-Type: ${form.contentType}. Only ${formTypes.join(', ')} are supported.`,
      );
    return form;
  }

  /** Who was let in; undefined where nobody was asked. */
  get user(): Principal | undefined {
    return this.raw.user as Principal | undefined;
  }

  /**
   * The body as JSON, whatever its Content-Type; undefined without a body or for a method that carries none (API row
   * RQ14, decision D17).
   * @throws HttpError BAD_JSON, FORBIDDEN_KEY (400)
   */
  json(): unknown {
    const { body } = this;
    return body.length > 0 && carriesBody(this.method) ? parseJson(body.toString('utf8')) : undefined;
  }

  /** `GET /foo/bar?a=1&b=2` (API row RQ15). */
  toString(): string {
    return `<Request "${this.method} ${this.raw.originalUrl}">`;
  }
}
