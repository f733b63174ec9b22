import type { Access, AccessCheck, AccessResult } from '../../src/doors/access.js';
import type { FlowNode, RuntimeApi } from './typings.js';

/** An `http-server-credentials` node as other nodes see it. */
export interface CredentialsNode extends FlowNode {
  /** Who may come in; undefined once the node is closed. */
  access?: Access | undefined;
  /** Told when the state of the access may have changed. */
  watchers: Set<() => void>;
}

type AuthRequest = Parameters<AccessCheck['check']>[0];

const nowhere: AccessCheck['places'] = { cookies: new Set(), query: new Set() };

/**
 * The credentials a property names, whichever node holds them at the moment: they may be made after the one who demands
 * them, or replaced by a deploy alone. Fails closed: while there is no such node nobody comes in.
 */
export class AccessReference implements AccessCheck {
  readonly #RED: RuntimeApi;
  readonly #id: string;
  readonly #onChange: () => void;
  #node: CredentialsNode | undefined;

  /** @param onChange told when {@link problem} may have changed */
  constructor(RED: RuntimeApi, id: string, onChange: () => void) {
    this.#RED = RED;
    this.#id = id;
    this.#onChange = onChange;
  }

  /** Why nobody can come in; '' when all is well. */
  get problem(): string {
    return this.#access?.problem ?? 'the credentials are missing or disabled';
  }

  get realm(): string {
    return this.#access?.realm ?? '';
  }

  get places(): AccessCheck['places'] {
    return this.#access?.places ?? nowhere;
  }

  check(request: AuthRequest, beforeHash?: () => void): AccessResult | Promise<AccessResult> {
    return this.#access?.check(request, beforeHash) ?? { kind: 'unusable', reason: this.problem };
  }

  claimedName(request: AuthRequest): string | undefined {
    return this.#access?.claimedName(request);
  }

  /** Ends the watch over the node. */
  close(): void {
    this.#node?.watchers.delete(this.#onChange);
  }

  get #access(): Access | undefined {
    if (this.#node?.access) return this.#node.access;
    this.close();
    const node = this.#RED.nodes.getNode(this.#id) as CredentialsNode | null;
    this.#node = node?.type === 'http-server-credentials' && node.access ? node : undefined;
    this.#node?.watchers.add(this.#onChange);
    return this.#node?.access;
  }
}
