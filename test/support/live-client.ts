/** Clients that stay connected: an event stream and a WebSocket that keep everything that happens to them. */
import http from 'node:http';
import WebSocket from 'ws';
import { waitFor } from './wait-for.js';

/** An open event stream. */
export class EventClient {
  /** Everything that came. */
  text = '';
  ended = false;
  readonly headers: http.IncomingHttpHeaders;
  readonly #response: http.IncomingMessage;

  private constructor(response: http.IncomingMessage) {
    this.#response = response;
    this.headers = response.headers;
    response
      .setEncoding('utf8')
      .on('data', (chunk: string) => (this.text += chunk))
      .on('close', () => (this.ended = true))
      .on('error', () => undefined);
  }

  /** Resolves when the head has come; rejects with the status when it is not 200. */
  static open(url: string, headers: http.OutgoingHttpHeaders = {}): Promise<EventClient> {
    return new Promise((done, fail) => {
      http
        .get(url, { headers, agent: false }, (response) => {
          if (response.statusCode === 200) done(new EventClient(response));
          else fail(new Error(String(response.statusCode)));
        })
        .on('error', fail);
    });
  }

  /** The `data:` of all events so far, in order. */
  get data(): string[] {
    return [...this.text.matchAll(/^data: ?(.*)$/gm)].map(([, text = '']) => text);
  }

  close(): void {
    this.#response.destroy();
  }
}

/** A WebSocket. */
export class SocketClient {
  /** Text as it is, bytes as hexadecimal digits between < and >. */
  readonly messages: string[] = [];
  /** Code and reason once it is closed. */
  closed: [code: number, reason: string] | undefined;
  readonly ws: WebSocket;

  private constructor(ws: WebSocket) {
    this.ws = ws;
    ws.on('message', (data: Buffer, isBinary) =>
      this.messages.push(isBinary ? `<${data.toString('hex')}>` : data.toString()),
    );
    ws.on('close', (code, reason) => (this.closed = [code, reason.toString()]));
    ws.on('error', () => undefined);
  }

  /** Resolves when it is open; rejects with the status when the upgrade is refused, or when the connection fails. */
  static open(url: string, options: WebSocket.ClientOptions = {}): Promise<SocketClient> {
    const client = new SocketClient(new WebSocket(url, options));
    return new Promise((done, fail) => {
      client.ws
        .once('open', () => done(client))
        .once('unexpected-response', (_, response) => fail(new Error(String(response.statusCode))))
        .once('error', fail);
    });
  }

  /** Sends a text and waits for the next message. */
  async ask(text: string): Promise<string> {
    const count = this.messages.length;
    this.ws.send(text);
    await waitFor(`an answer to ${text}`, () => this.messages.length > count);
    return this.messages[count] ?? '';
  }
}
