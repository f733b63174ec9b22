import { expiryOf } from '../../src/doors/certificate.js';
import { HttpError } from '../../src/doors/exchange.js';
import type { Server, TlsMaterial } from '../../src/doors/server.js';
import { fileStamp, readTls, tlsFiles } from '../lib/tls-material.js';
import type { RuntimeApi } from '../lib/typings.js';

/** Milliseconds between two looks at certificate files. A change counts when it has lasted from one look to the next. */
const interval = 1000;

/** Where a certificate comes from, and who hears of its troubles. */
export interface CertificateOptions {
  readonly RED: RuntimeApi;
  /** Id of the `tls-config` node. */
  readonly id: string;
  /** Client certificates are demanded: there must be somebody who vouches for them. */
  readonly needsCa: boolean;
  /** Told when {@link Certificate.problem} changes; undefined when all is well again. */
  readonly onProblem: (error: HttpError | undefined) => void;
}

/**
 * The certificate of a server, from a core `tls-config` node. Files that change on disk are taken over by running
 * servers; what cannot be used leaves the old one in place, and is told.
 */
export class Certificate {
  readonly #options: CertificateOptions;
  #material: TlsMaterial | undefined;
  #files: readonly string[] = [];
  #expiry = Infinity;
  #stamp = '';
  #seen = '';
  #problem: HttpError | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CertificateOptions) {
    this.#options = options;
    this.#problem = this.#read();
  }

  /** What a new server may use; undefined when there is nothing it could. */
  get material(): TlsMaterial | undefined {
    return this.#material;
  }

  /** Why the certificate of the moment is not the one that is configured, or is not good; undefined when all is well. */
  get problem(): HttpError | undefined {
    return this.#problem;
  }

  /** Gives the material to a server that has older material, and looks after its files from now on. */
  serve(server: Server, isKept: boolean): void {
    if (isKept) this.#note(this.#problem ? oldStays(this.#problem) : this.#give(server));
    this.#timer = setInterval(() => this.#look(server), interval);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(server: Server): void {
    const now = fileStamp(this.#files);
    const isSteady = now === this.#seen;
    this.#seen = now;
    if (isSteady && now !== this.#stamp) {
      const problem = this.#read();
      this.#note(problem ? oldStays(problem) : this.#give(server));
    } else if (!this.#problem && this.#expiry < Date.now())
      this.#note(badCertificate('tls: the certificate has expired: clients will refuse it.', undefined));
  }

  /** Reads the material; what speaks against it is returned. */
  #read(): HttpError | undefined {
    const { RED, id, needsCa } = this.#options;
    try {
      this.#files = Object.values(tlsFiles(RED, id));
      const material = readTls(RED, id);
      if (needsCa && !material.ca && !material.pfx)
        throw new Error('client certificates need a CA certificate in the TLS configuration, which vouches for them.');
      this.#material = material;
      this.#expiry = expiryOf(material)?.getTime() ?? Infinity;
      return undefined;
    } catch (error) {
      this.#material = undefined;
      return badCertificate(`tls: ${textOf(error)}`, error);
    } finally {
      this.#stamp = this.#seen = fileStamp(this.#files);
    }
  }

  /** Lets a server use the material; what speaks against it is returned. */
  #give(server: Server): HttpError | undefined {
    try {
      if (this.#expiry < Date.now()) throw new Error('it has expired');
      if (this.#material) server.setCertificate(this.#material);
      return undefined;
    } catch (error) {
      return badCertificate(`tls: the new certificate cannot be used, the old one stays (${textOf(error)}).`, error);
    }
  }

  #note(problem: HttpError | undefined): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#options.onProblem(problem);
  }
}

function oldStays(problem: HttpError): HttpError {
  return badCertificate(`${problem.message} The old certificate stays.`, problem);
}

function badCertificate(message: string, cause: unknown): HttpError {
  return new HttpError('BAD_CERTIFICATE', { message, cause });
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
