/**
 * What Node-RED does with the flows, as the servers need to know it. `close` looks alike at a deploy and at a
 * shutdown; the `flows:` events tell them apart: a deploy stops with a new `config` object, "Stop flows" and the end of
 * Node-RED with the one that was started last.
 */
import { type Server, handOver } from '../../src/index.js';
import type { FlowsEvent, RuntimeApi } from './typings.js';

/** Milliseconds after which held requests are refused and the port is closed, if the flows have not come back. */
const longestPause = 20_000;

/** The servers of a runtime and the state of its flows. */
export class FlowLifecycle {
  readonly #servers = new Set<Server>();
  #started: unknown;
  #isDeploy = false;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;
  /** What waits for the flows to have started; undefined once they have. */
  #waiting: (() => void)[] | undefined = [];

  constructor(RED: RuntimeApi) {
    RED.events.on('flows:stopping', (event: FlowsEvent) => this.#onStopping(event));
    RED.events.on('flows:started', (event: FlowsEvent) => this.#onStarted(event));
  }

  /** True while nodes close because of a deploy; false when the flows or Node-RED end. */
  get isDeploy(): boolean {
    return this.#isDeploy;
  }

  /** Runs `act` when the flows have started: now, if they have. */
  whenStarted(act: () => void): void {
    if (this.#waiting) this.#waiting.push(act);
    else act();
  }

  add(server: Server): void {
    this.#servers.add(server);
    if (this.#timer) server.hold();
  }

  remove(server: Server): void {
    this.#servers.delete(server);
  }

  #onStopping(event: FlowsEvent): void {
    this.#stopped = true;
    this.#waiting ??= [];
    this.#isDeploy = event.config !== undefined && event.config !== this.#started;
    if (!this.#isDeploy) return;
    for (const server of this.#servers) server.hold();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#giveUp(), longestPause);
    this.#timer.unref();
  }

  #onStarted(event: FlowsEvent): void {
    this.#started = event.config;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const scope = this.#stopped ? (event.type ?? 'full') : 'nodes';
    this.#stopped = false;
    for (const server of handOver.drop()) this.#end(server);
    for (const server of this.#servers) server.release(scope === 'flows' || scope === 'nodes' ? scope : 'full');
    const waiting = this.#waiting;
    this.#waiting = undefined;
    for (const act of waiting ?? []) act();
  }

  #giveUp(): void {
    this.#timer = undefined;
    for (const server of handOver.drop()) this.#end(server);
  }

  #end(server: Server): void {
    this.#servers.delete(server);
    void server.stop();
  }
}
