import { constants, deflateRawSync } from 'node:zlib';
import { HttpError } from '../errors.js';

/** Opcodes of RFC 6455 5.2 for messages (API row WS12). */
export const opcodes = { text: 1, binary: 2 } as const;

/** Smaller messages are not worth compressing (bytes). */
const compressFrom = 1024;

/** Larger messages would hold up everyone while they are compressed (bytes). */
const compressUpTo = 256 * 1024;

/** Kept small: the window and the hash table exist only while one message is being compressed. */
const memoryLevel = 6;

const finalBit = 0x80;
const compressedBit = 0x40;
const emptyBlock = 4;

/**
 * One message to clients, framed once for all of them (RFC 6455 5.2: server frames are not masked), and compressed at
 * most once for each window size in use. That is possible because no connection keeps a compression context.
 */
export class OutgoingMessage {
  readonly #data: string | Uint8Array;
  #plain: Buffer | undefined;
  #compressed: Map<number, Buffer> | undefined;

  /** @param data a string becomes a text message, bytes a binary one */
  constructor(data: string | Uint8Array) {
    this.#data = data;
  }

  /**
   * The whole frame.
   * @param windowBits the compression window the client has agreed to; 0 for a client without permessage-deflate
   */
  frame(windowBits: number): Buffer {
    this.#plain ??= encodeFrame(this.#data, opcodeOf(this.#data) | finalBit);
    // zlib cannot make a raw deflate stream with a window of 256 bytes.
    if (windowBits < 9) return this.#plain;
    const size = this.#plain.length;
    if (size < compressFrom || size > compressUpTo) return this.#plain;
    this.#compressed ??= new Map();
    let frame = this.#compressed.get(windowBits);
    if (frame === undefined) {
      frame = this.#compress(this.#plain, windowBits);
      this.#compressed.set(windowBits, frame);
    }
    return frame;
  }

  #compress(plain: Buffer, windowBits: number): Buffer {
    const deflated = deflateRawSync(typeof this.#data === 'string' ? Buffer.from(this.#data) : this.#data, {
      windowBits,
      memLevel: memoryLevel,
      finishFlush: constants.Z_SYNC_FLUSH,
    });
    // RFC 7692 7.2.1: the empty block that ends a sync flush is not sent.
    const payload = deflated.subarray(0, deflated.length - emptyBlock);
    if (payload.length >= plain.length) return plain;
    return encodeFrame(payload, opcodeOf(this.#data) | finalBit | compressedBit);
  }
}

/**
 * What a payload is as a message: strings and bytes as they are, everything else as JSON. `undefined` is no message.
 * @throws HttpError INVALID_PAYLOAD for what has no JSON
 */
export function encodePayload(payload: unknown): string | Uint8Array | undefined {
  if (payload === undefined || typeof payload === 'string' || payload instanceof Uint8Array) return payload;
  // The typings leave out that functions and symbols have no JSON.
  let text: unknown;
  try {
    text = JSON.stringify(payload);
  } catch (cause) {
    throw new HttpError('INVALID_PAYLOAD', { message: 'The message cannot be sent: it is not valid JSON.', cause });
  }
  if (typeof text === 'string') return text;
  throw new HttpError('INVALID_PAYLOAD', { message: `The message cannot be sent: it is a ${typeof payload}.` });
}

function opcodeOf(data: string | Uint8Array): number {
  return typeof data === 'string' ? opcodes.text : opcodes.binary;
}

/** One frame in one Buffer: one write to the socket instead of two. */
function encodeFrame(data: string | Uint8Array, firstByte: number): Buffer {
  const size = typeof data === 'string' ? Buffer.byteLength(data) : data.length;
  const start = size < 126 ? 2 : size < 65536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(start + size);
  frame[0] = firstByte;
  if (start === 2) frame[1] = size;
  else if (start === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(size, 2);
  } else {
    frame[1] = 127;
    frame.writeUInt16BE(0, 2);
    frame.writeUIntBE(size, 4, 6);
  }
  if (typeof data === 'string') frame.write(data, start, 'utf8');
  else frame.set(data, start);
  return frame;
}
