import type http from 'node:http';
import { HttpError } from '../errors.js';
import { type Head, applyHead, headerOf } from './answer.js';
import { chunkedBacklog } from './chunked-answer.js';
import { claimAnswer } from './claim.js';
import { pieceOf } from './stream-answer.js';

/** The media type whose parts replace each other, and the boundary if the flow names none. */
const replacing = { type: 'multipart/x-mixed-replace', boundary: 'frame' } as const;

/** One client that waits for parts. */
interface Viewer {
  /** Of a replacing answer; undefined for plain chunks. */
  readonly boundary: string | undefined;
  /** True from a write that the client has not taken until it has. */
  isBusy: boolean;
  /** The latest part that came meanwhile; those before it were skipped. */
  next: Part | undefined;
}

/** A part, framed once for each boundary in use. */
interface Part {
  readonly bytes: Buffer;
  readonly type: string;
  framed: Map<string, Buffer> | undefined;
}

/**
 * One answer for any number of requests: whoever joins gets every chunk from then on. With the media type
 * `multipart/x-mixed-replace` (a stream of pictures) each chunk becomes a part, a newcomer gets the latest one at once,
 * and a client that reads slowly skips parts: it is never more than the one it is reading behind. With any other type
 * nothing may be left out, so a client more than {@link chunkedBacklog} bytes behind is cut.
 */
export class SharedAnswer {
  readonly #viewers = new Map<http.ServerResponse, Viewer>();
  readonly #onChange: () => void;
  #latest: Part | undefined;
  /** Parts that were not sent to a client that was still reading an earlier one. */
  skipped = 0;

  /** @param onChange called when clients have come or gone */
  constructor(onChange: () => void = () => undefined) {
    this.#onChange = onChange;
  }

  /** Clients that wait for parts. */
  get count(): number {
    return this.#viewers.size;
  }

  /**
   * Begins the answer of one more request. A HEAD gets the headers only.
   * @throws HttpError ALREADY_ANSWERED; INVALID_HEADER for a boundary that is none
   */
  join(response: http.ServerResponse, head: Head): void {
    const boundary = boundaryOf(head);
    if (!claimAnswer(response, this)) return;
    applyHead(response, head);
    response.removeHeader('Content-Length');
    if (boundary !== undefined) {
      response.setHeader('Content-Type', `${replacing.type}; boundary=${boundary}`);
      for (const [name, value] of [
        ['Cache-Control', 'no-store'],
        ['X-Accel-Buffering', 'no'],
      ] as const)
        if (!response.hasHeader(name)) response.setHeader(name, value);
    }
    if (response.req.method === 'HEAD') {
      response.end();
      return;
    }
    const viewer: Viewer = { boundary, isBusy: false, next: undefined };
    this.#viewers.set(response, viewer);
    response.on('error', ignore);
    response.once('close', () => {
      if (this.#viewers.delete(response)) this.#onChange();
    });
    response.on('drain', () => this.#goOn(response, viewer));
    if (boundary === undefined) response.flushHeaders();
    else {
      response.write(`--${boundary}\r\n`);
      if (this.#latest) this.#write(response, viewer, this.#latest);
    }
    this.#onChange();
  }

  /**
   * Writes one chunk to everyone. Empty ones are left out.
   * @param type media type of the part; default `image/jpeg` for bytes, `text/plain` otherwise
   * @throws HttpError CLIENT_TOO_SLOW when clients were cut, INVALID_PAYLOAD; the others got the chunk
   */
  send(payload: unknown, type?: string): void {
    const bytes = pieceOf(payload);
    if (bytes.length === 0) return;
    const fallback = payload instanceof Uint8Array ? 'image/jpeg' : 'text/plain; charset=utf-8';
    const part: Part = { bytes, type: type ?? fallback, framed: undefined };
    this.#latest = part;
    let cut = 0;
    for (const [response, viewer] of this.#viewers) {
      if (viewer.boundary === undefined && response.writableLength > chunkedBacklog) {
        cut += 1;
        response.destroy();
      } else if (viewer.boundary !== undefined && viewer.isBusy) {
        if (viewer.next) this.skipped += 1;
        viewer.next = part;
      } else this.#write(response, viewer, part);
    }
    if (cut > 0)
      throw new HttpError('CLIENT_TOO_SLOW', {
        message: `${cut} of the clients read too slowly: more than ${chunkedBacklog} bytes waited for each. They were closed.`,
      });
  }

  /** Ends the answers of all who wait. Others can join afterwards. */
  end(): void {
    this.#latest = undefined;
    for (const [response, { boundary }] of this.#viewers) {
      this.#viewers.delete(response);
      if (boundary === undefined) response.end();
      else response.end(`--${boundary}--\r\n`);
    }
    this.#onChange();
  }

  #goOn(response: http.ServerResponse, viewer: Viewer): void {
    viewer.isBusy = false;
    const { next } = viewer;
    viewer.next = undefined;
    if (next && !response.writableEnded) this.#write(response, viewer, next);
  }

  #write(response: http.ServerResponse, viewer: Viewer, part: Part): void {
    viewer.isBusy = !response.write(viewer.boundary === undefined ? part.bytes : framed(part, viewer.boundary));
  }
}

/**
 * A part with what stands behind it: browsers show a picture only when they have seen the boundary that ends it
 * (RFC 2046 5.1.1).
 */
function framed(part: Part, boundary: string): Buffer {
  part.framed ??= new Map();
  let frame = part.framed.get(boundary);
  if (!frame) {
    const head = `Content-Type: ${part.type}\r\nContent-Length: ${part.bytes.length}\r\n\r\n`;
    frame = Buffer.concat([Buffer.from(head, 'latin1'), part.bytes, Buffer.from(`\r\n--${boundary}\r\n`, 'latin1')]);
    part.framed.set(boundary, frame);
  }
  return frame;
}

/** The boundary of a replacing answer, undefined for any other. @throws HttpError INVALID_HEADER */
function boundaryOf({ headers }: Head): string | undefined {
  const type = headerOf(headers, 'content-type');
  if (typeof type !== 'string' || !type.toLowerCase().startsWith(replacing.type)) return undefined;
  const named = /;\s*boundary=(?:"([^"]*)"|([^;\s]*))/i.exec(type);
  const boundary = named?.[1] ?? named?.[2] ?? replacing.boundary;
  if (/^[\w'+,./:=?-]{1,70}$/.test(boundary)) return boundary;
  throw new HttpError('INVALID_HEADER', { message: 'The boundary of the content type is not valid.' });
}

// Ends in 'close', which is where a client is let go.
const ignore = (): void => undefined;
