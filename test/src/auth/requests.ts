import type { AuthRequest } from '../../../src/index.js';

/** A request with these headers, as authenticators see it. */
export function request(authorization?: string, rest: Partial<AuthRequest> = {}): AuthRequest {
  return { headers: authorization === undefined ? {} : { authorization }, ...rest };
}

/** The Authorization header of a Basic login. */
export function basicHeader(name: string, password: string): string {
  return `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
}

/** A clock that stands still until it is moved, in milliseconds. */
export class TestClock {
  time = 1_000_000;
  readonly now = (): number => this.time;

  forward(seconds: number): void {
    this.time += seconds * 1000;
  }
}
