/** The thread in which passwords are checked against hashes, one after the other. */
import { parentPort } from 'node:worker_threads';
import { verifyHash } from './verify-hash.js';

/** What is to be checked. */
export interface HashJob {
  readonly password: string;
  readonly stored: string;
}

/** What came of it. */
export interface HashAnswer {
  readonly isRight: boolean;
}

parentPort?.on('message', ({ password, stored }: HashJob) => {
  parentPort?.postMessage({ isRight: verifyHash(password, stored) } satisfies HashAnswer);
});
