/**
 * What Node-RED does with the flows, as the servers need to know it. `close` looks alike at a deploy and at a
 * shutdown; the `flows:` events tell them apart: a deploy stops with a new `config` object, "Stop flows" and the end of
 * Node-RED with one that was seen before.
 */
import { type HandOver, handOver } from '../../src/doors/hand-over.js';
import type { Server } from '../../src/doors/server.js';
import type { FlowsEvent, RuntimeApi } from './typings.js';

/** The servers of a runtime and the state of its flows. */
export class FlowLifecycle {
  readonly #servers = new Set<Server>();
  readonly #handOver: HandOver;
  /** The flows that run, or are about to. */
  #config: unknown;
  #isDeploy = false;
  #isStopped = false;
  /** What waits for the flows to have started; undefined once they have. */
  #waiting: (() => void)[] | undefined = [];

  constructor(RED: Pick<RuntimeApi, 'events'>, registry = handOver) {
    this.#handOver = registry;
    RED.events.on('flows:stopping', (event: FlowsEvent) => this.#onStopping(event));
    RED.events.on('flows:started', (event: FlowsEvent) => this.#onStarted(event));
  }

  /** True while nodes close because of a deploy; false when the flows or Node-RED end. */
  get isDeploy(): boolean {
    return this.#isDeploy;
  }

  /** True when the flows that are about to start have no such node, or have it disabled. */
  isGone(id: string): boolean {
    const flows = (this.#config as { flows?: unknown } | undefined)?.flows;
    if (!Array.isArray(flows)) return false;
    const nodes = flows as { id: string; z?: string; d?: boolean; disabled?: boolean }[];
    const node = nodes.find((one) => one.id === id);
    if (!node || node.d === true) return true;
    return node.z !== undefined && nodes.find((one) => one.id === node.z)?.disabled === true;
  }

  /** Runs `act` when the flows have started: now, if they have. */
  whenStarted(act: () => void): void {
    if (this.#waiting) this.#waiting.push(act);
    else act();
  }

  /** A server that lives: it is held and released with the flows. */
  add(server: Server): void {
    this.#servers.add(server);
    if (this.#isStopped) server.hold();
  }

  /** The server ends now, beside the deploy: its clients get their time, the flows do not wait for it. */
  end(server: Server): Promise<void> {
    this.#servers.delete(server);
    return server.stop();
  }

  /** Another server of this runtime that listens on that port. */
  listenerOn(port: number): Server | undefined {
    return [...this.#servers].find(({ state }) => state.state === 'listening' && state.port === port);
  }

  #onStopping(event: FlowsEvent): void {
    this.#isStopped = true;
    this.#waiting ??= [];
    this.#isDeploy = event.config !== undefined && event.config !== this.#config;
    this.#config = event.config;
    for (const server of this.#servers) server.hold();
    // The end of Node-RED while the flows wait for something: nobody will come back.
    if (!this.#isDeploy) this.#endHeld();
  }

  #onStarted(event: FlowsEvent): void {
    const wasStopped = this.#isStopped;
    this.#isStopped = false;
    this.#config = event.config;
    this.#endHeld();
    const scope = event.type === 'flows' || event.type === 'nodes' ? event.type : 'full';
    if (wasStopped) for (const server of this.#servers) server.release(scope);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    for (const act of waiting ?? []) act();
  }

  #endHeld(): void {
    for (const server of this.#handOver.drop()) void this.end(server);
  }
}
