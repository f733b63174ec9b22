import { Readable } from 'node:stream';
import { BodyBudget } from '../../../src/body/body-budget.js';
import { parseMultipart } from '../../../src/body/multipart.js';
import type { ParsedBody, ParseOptions } from '../../../src/body/parse-body.js';
import { multipartType, plainOptions } from './body-server.js';

/** Parses a multipart body that arrives in these chunks. */
export function readMultipart(
  chunks: readonly (string | Buffer)[],
  options: Partial<ParseOptions> = {},
  contentType = multipartType,
): Promise<ParsedBody> {
  const stream = Readable.from(
    chunks.map((chunk) => Buffer.from(chunk as string)),
    { objectMode: false },
  );
  return parseUpload(stream, options, contentType);
}

/** Parses a multipart body from a stream. */
export function parseUpload(
  stream: Readable,
  options: Partial<ParseOptions> = {},
  contentType = multipartType,
): Promise<ParsedBody> {
  return parseMultipart(stream, contentType, {
    ...plainOptions,
    budget: new BodyBudget(64 * 1024 * 1024),
    ...options,
  });
}

/** The same bytes whole, byte by byte, and in chunks of sizes that meet every seam somewhere. */
export function splits(body: Buffer): Buffer[][] {
  return [body.length, 1, 2, 3, 7, 31, 64].map((size) => {
    const chunks: Buffer[] = [];
    for (let start = 0; start < body.length; start += size) chunks.push(body.subarray(start, start + size));
    return chunks;
  });
}
