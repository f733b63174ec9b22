import fs from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { HttpError } from '../errors.js';
import type { BudgetShare } from './body-budget.js';
import { ByteCollector } from './byte-collector.js';
import { toBodyError } from './content-encoding.js';
import { makeTemporaryFolder } from './temporary-folder.js';
import { storedName } from './upload-name.js';

/** Bytes of a file that wait for the disk before its client is slowed down. */
const writeBuffer = 512 * 1024;

/** A file that was taken in: its bytes, or where they lie. */
export interface StoredFile {
  readonly size: number;
  readonly buffer?: Buffer;
  readonly path?: string;
}

/** Where the files of one request go. */
export interface UploadStore {
  /**
   * Takes in a file to its end; a file that is destroyed before takes its store down.
   * @throws HttpError OVERLOADED, BODY_TOO_LARGE, STORAGE_FULL, STORAGE_UNAVAILABLE
   */
  store(file: Readable, originalname: string): Promise<StoredFile>;
  /** Removes everything that was stored, half-written files included. Never fails. */
  remove(): Promise<void>;
}

/** Keeps files in memory, within a budget. */
export class MemoryStore implements UploadStore {
  readonly #share: BudgetShare;

  constructor(share: BudgetShare) {
    this.#share = share;
  }

  store(file: Readable): Promise<StoredFile> {
    return new Promise((resolve, reject) => {
      const collector = new ByteCollector();
      file.on('data', (chunk: Buffer) => {
        try {
          this.#share.take(chunk.length);
          collector.add(chunk);
        } catch (error) {
          reject(toBodyError(error));
        }
      });
      // Copied even if it is one chunk: that is a slice of what came from the socket, and would keep all of it.
      file.on('end', () => resolve({ size: collector.length, buffer: Buffer.from(collector.toBuffer()) }));
      file.on('close', () => reject(new HttpError('BODY_TRUNCATED')));
    });
  }

  remove(): Promise<void> {
    return Promise.resolve();
  }
}

/** Streams files to a folder under generated names. */
export class DiskStore implements UploadStore {
  readonly #userFolder: string;
  #folder: Promise<string> | undefined;
  readonly #sinks = new Map<string, fs.WriteStream>();
  #isRemoved = false;

  /** @param userFolder '' for a temporary folder of its own */
  constructor(userFolder: string) {
    this.#userFolder = userFolder;
  }

  /** True when the files are gone by {@link remove} only because the request is over: a user's folder keeps them. */
  get isTemporary(): boolean {
    return this.#userFolder === '';
  }

  async store(file: Readable, originalname: string): Promise<StoredFile> {
    const folder = await (this.#folder ??= this.#open()).catch((error: unknown) => {
      throw storageError(error);
    });
    if (this.#isRemoved || file.destroyed) throw new HttpError('BODY_TRUNCATED');
    const path = join(folder, storedName(originalname));
    const sink = fs.createWriteStream(path, { flags: 'wx', highWaterMark: writeBuffer });
    this.#sinks.set(path, sink);
    await new Promise<void>((resolve, reject) => {
      sink.on('error', (error) => reject(storageError(error)));
      sink.on('close', () => {
        if (sink.writableFinished) resolve();
        else reject(new HttpError('BODY_TRUNCATED'));
      });
      file.on('close', () => {
        if (!file.readableEnded) sink.destroy();
      });
      file.pipe(sink);
    });
    if (originalname !== '' || sink.bytesWritten > 0) return { size: sink.bytesWritten, path };
    // A file input nothing was chosen in is no file: it leaves none.
    this.#sinks.delete(path);
    await removeFile(path, sink);
    return { size: 0, buffer: Buffer.alloc(0) };
  }

  async remove(): Promise<void> {
    this.#isRemoved = true;
    await Promise.all([...this.#sinks].map(([path, sink]) => removeFile(path, sink)));
    this.#sinks.clear();
    if (!this.isTemporary) return;
    const folder = await this.#folder?.catch(() => undefined);
    if (folder !== undefined) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }

  async #open(): Promise<string> {
    if (this.isTemporary) return makeTemporaryFolder();
    await fs.promises.mkdir(this.#userFolder, { recursive: true });
    return this.#userFolder;
  }
}

async function removeFile(path: string, sink: fs.WriteStream): Promise<void> {
  // Unlinked only when closed: the file may not even be open yet.
  if (!sink.closed)
    await new Promise<void>((resolve) => {
      sink.once('close', () => resolve());
      sink.destroy();
    });
  await rm(path, { force: true }).catch(() => undefined);
}

function storageError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  const code = (error as NodeJS.ErrnoException).code;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  return new HttpError(isFull ? 'STORAGE_FULL' : 'STORAGE_UNAVAILABLE', {
    cause: error,
    detail: error instanceof Error ? error.message : String(error),
  });
}
