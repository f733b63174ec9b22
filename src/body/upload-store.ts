import fs from 'node:fs';
import { rename, rm } from 'node:fs/promises';
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
  /**
   * The request has arrived in full: its files take their places.
   * @throws HttpError STORAGE_FULL, STORAGE_UNAVAILABLE
   */
  keep(): Promise<void>;
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
      file.on('end', () => resolve({ size: collector.length, buffer: collector.copy() }));
      file.on('close', () => reject(new HttpError('BODY_TRUNCATED')));
    });
  }

  keep(): Promise<void> {
    return Promise.resolve();
  }

  remove(): Promise<void> {
    return Promise.resolve();
  }
}

/**
 * Streams files to a folder under generated names. In a user's folder they appear when the whole request has arrived:
 * until then they lie in a hidden folder beside, which a crash leaves to {@link removeStaleFolders}.
 */
export class DiskStore implements UploadStore {
  readonly #userFolder: string;
  /** Where files lie while they are written. */
  #folder: Promise<string> | undefined;
  readonly #sinks = new Map<string, fs.WriteStream>();
  /** Files that have taken their places in the user's folder. */
  readonly #kept: string[] = [];
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
    const name = storedName(originalname);
    const sink = fs.createWriteStream(join(folder, name), { flags: 'wx', highWaterMark: writeBuffer });
    this.#sinks.set(name, sink);
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
    if (originalname !== '' || sink.bytesWritten > 0)
      return { size: sink.bytesWritten, path: join(this.isTemporary ? folder : this.#userFolder, name) };
    // A file input nothing was chosen in is no file: it leaves none.
    this.#sinks.delete(name);
    await rm(join(folder, name), { force: true }).catch(() => undefined);
    return { size: 0, buffer: Buffer.alloc(0) };
  }

  async keep(): Promise<void> {
    if (this.isTemporary || !this.#folder) return;
    const folder = await this.#folder;
    try {
      for (const name of this.#sinks.keys()) {
        const place = join(this.#userFolder, name);
        await rename(join(folder, name), place);
        this.#kept.push(place);
      }
    } catch (error) {
      throw storageError(error);
    }
    await removeAll([folder]);
  }

  async remove(): Promise<void> {
    this.#isRemoved = true;
    // Unlinked only when closed: a file may not even be open yet.
    await Promise.all([...this.#sinks.values()].map(closed));
    const folder = await this.#folder?.catch(() => undefined);
    await removeAll(folder === undefined ? this.#kept : [folder, ...this.#kept]);
  }

  async #open(): Promise<string> {
    if (this.isTemporary) return makeTemporaryFolder();
    await fs.promises.mkdir(this.#userFolder, { recursive: true });
    return makeTemporaryFolder(this.#userFolder, true);
  }
}

function closed(sink: fs.WriteStream): Promise<void> {
  if (sink.closed) return Promise.resolve();
  return new Promise((resolve) => {
    sink.once('close', resolve);
    sink.destroy();
  });
}

async function removeAll(paths: readonly string[]): Promise<void> {
  for (const path of paths) await rm(path, { recursive: true, force: true }).catch(() => undefined);
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
