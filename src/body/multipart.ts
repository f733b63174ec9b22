import type { Readable } from 'node:stream';
import type { ParsedBody, ParseOptions } from './parse-body.js';
export interface UploadedFile {
  fieldname: string;
  originalname: string;
  encoding: string;
  mimetype: string;
  size: number;
  buffer?: Buffer;
  path?: string;
}
export function parseMultipart(_s: Readable, _t: string, _o: ParseOptions): Promise<ParsedBody> {
  return Promise.reject(new Error('x'));
}
