/** What a fault run is measured by: the process under load, seen from outside. */
import { readFileSync, readdirSync } from 'node:fs';
import type { NodeRedProcess } from '../support/node-red.js';
import { pause } from '../support/node-red.js';

/** One line of the table: what was done and what came of it. */
export interface Row {
  readonly scenario: string;
  readonly deploys?: number;
  readonly requests?: number;
  readonly failures: number;
  /** Milliseconds. */
  readonly worstWait?: number | undefined;
  /** MiB. */
  readonly peakRss?: number;
  readonly descriptors?: readonly [before: number, after: number];
  /** Anything else that was promised, in words. */
  readonly note: string;
  readonly isSkipped?: true;
}

/** The row of what this machine does not allow to be measured. */
export function skipped(scenario: string, why: string): Row {
  return { scenario, failures: 0, note: `skipped: ${why}`, isSkipped: true };
}

/** How long the longer scenarios take, in seconds. */
export interface RunOptions {
  readonly soak: number;
}

/** What went wrong, by name. */
export class Failures {
  readonly #counts = new Map<string, number>();

  add(name: string, count = 1): void {
    if (count > 0) this.#counts.set(name, (this.#counts.get(name) ?? 0) + count);
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  toString(): string {
    return [...this.#counts].map(([name, count]) => `${count} × ${name}`).join(', ');
  }
}

/** Samples a process until it is stopped. */
export class Watch {
  readonly #pid: number;
  readonly #timer: NodeJS.Timeout;
  readonly before: number;
  peak = 0;

  constructor(nodeRed: NodeRedProcess) {
    this.#pid = nodeRed.child.pid ?? 0;
    this.before = descriptors(this.#pid);
    const look = (): void => {
      this.peak = Math.max(this.peak, rss(this.#pid));
    };
    look();
    this.#timer = setInterval(look, 100);
  }

  /** Descriptors the process has more than when the watch began. */
  get more(): number {
    return descriptors(this.#pid) - this.before;
  }

  /** Ends the samples, when the descriptors are back where they were or have had time for it. */
  async stop(): Promise<Required<Pick<Row, 'peakRss' | 'descriptors'>>> {
    for (let left = 100; left > 0 && descriptors(this.#pid) > this.before; left -= 1) await pause(100);
    clearInterval(this.#timer);
    return { peakRss: Math.round(this.peak), descriptors: [this.before, descriptors(this.#pid)] };
  }
}

/** MiB a process holds. */
function rss(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  return Number(kilobytes) / 1024;
}

function descriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** What a process keeps, after its garbage was collected. */
export interface Probe {
  /** MiB. */
  readonly heap: number;
  readonly timers: number;
  readonly handles: number;
  readonly listeners: number;
}

/** Arguments for a Node that answers {@link probe}. */
export function probeArguments(preload: string): string[] {
  return ['--expose-gc', '--require', preload];
}

/** The preloaded script: on SIGWINCH it prints what the process keeps. */
export const probeScript = `process.on('SIGWINCH', () => {
  global.gc();
  setTimeout(() => {
    global.gc();
    const kinds = process.getActiveResourcesInfo();
    const timers = kinds.filter((kind) => kind === 'Timeout').length;
    const listeners = process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
    console.log('PROBE ' + JSON.stringify({
      heap: process.memoryUsage().heapUsed / 1048576, timers, handles: kinds.length - timers, listeners,
    }) + ';');
  }, 50);
});
`;

/** Asks a process started with {@link probeArguments} what it keeps. */
export async function probe(nodeRed: NodeRedProcess): Promise<Probe> {
  const from = nodeRed.log.length;
  nodeRed.child.kill('SIGWINCH');
  const line = await nodeRed.waitForLog(/PROBE .*;/, 10_000, from);
  return JSON.parse(line.slice(6, -1)) as Probe;
}
