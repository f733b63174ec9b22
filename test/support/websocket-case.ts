/** Cases of Autobahn's list, run against a flow: what is sent, what must come back, how the connection must end. */
import assert from 'node:assert/strict';
import { type Frame, type RawClient, closing, frame } from '../src/websocket/raw-client.js';

/** Opcodes of RFC 6455. */
export const opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** What a client gets: kind and content, the content of long messages by its length. */
export type Received = readonly [kind: 'text' | 'binary' | 'pong', content: string | Buffer];

/** One case. */
export interface Case {
  /** Bytes in the order they are sent; a number is a wait in milliseconds. */
  readonly send: readonly (Uint8Array | number)[];
  /** Sends the bytes in pieces of so many. */
  readonly chop?: number;
  readonly expect?: readonly Received[];
  /** The code the server must close with; undefined: the client closes with 1000 once it has what it expects. */
  readonly closes?: number;
}

/** A message in fragments of so many bytes. */
export function fragments(kind: number, payload: Uint8Array, size: number): Buffer {
  const parts: Buffer[] = [];
  for (let start = 0; start === 0 || start < payload.length; start += size)
    parts.push(
      frame(start === 0 ? kind : opcode.continuation, payload.subarray(start, start + size), {
        fin: start + size >= payload.length,
      }),
    );
  return Buffer.concat(parts);
}

/**
 * Runs a case as Autobahn judges it: exactly the expected events in this order, the right close code, a clean close,
 * and the server is the one to end the connection.
 */
export async function run(open: () => Promise<RawClient>, one: Case): Promise<void> {
  const client = await open();
  assert.equal(client.status, 101);
  try {
    client.socket.setNoDelay();
    for (const part of one.send) {
      if (typeof part === 'number') await pause(part);
      else if (one.chop === undefined) client.send(part);
      else await chopped(client, part, one.chop);
    }
    const expected = one.expect ?? [];
    if (one.closes === undefined) {
      await client.until(() => client.frames.length >= expected.length || client.ended, 30_000);
      assert.deepEqual(client.frames.map(received), expected);
      client.send(frame(opcode.close, closing(1000)));
    }
    const { code, before } = await client.closed();
    assert.deepEqual(before.map(received), expected);
    assert.equal(code, one.closes ?? 1000);
  } finally {
    client.socket.destroy();
  }
}

async function chopped(client: RawClient, bytes: Uint8Array, size: number): Promise<void> {
  for (let start = 0; start < bytes.length && !client.ended; start += size) {
    client.send(bytes.subarray(start, start + size));
    await new Promise((done) => setImmediate(done));
  }
}

function received({ fin, rsv, opcode: code, payload }: Frame): Received {
  assert.ok(fin && rsv === 0, 'a whole, uncompressed frame');
  if (code === opcode.text) return ['text', payload.toString()];
  assert.ok(code === opcode.binary || code === opcode.pong, `not a frame for a client: ${code}`);
  return [code === opcode.binary ? 'binary' : 'pong', Buffer.from(payload)];
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, milliseconds));
}
