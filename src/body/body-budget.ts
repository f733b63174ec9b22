import { HttpError } from '../errors.js';

/** Bytes of request bodies that may be held in memory over all requests at once. */
export class BodyBudget {
  #limit: number;
  #used = 0;

  /** @param limit bytes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get limit(): number {
    return this.#limit;
  }
  set limit(bytes: number) {
    this.#limit = bytes;
  }

  /** Bytes held now. */
  get used(): number {
    return this.#used;
  }

  /**
   * Takes bytes out of the budget; whoever takes gives them back.
   * @param whole bytes the same body holds in all: one larger than the budget can never be served
   * @throws HttpError BODY_TOO_LARGE, OVERLOADED
   */
  take(bytes: number, whole: number): void {
    if (whole > this.#limit)
      throw new HttpError('BODY_TOO_LARGE', {
        message: `The body is larger than the limit of ${this.#limit} bytes (bodyBudget).`,
      });
    if (this.#used + bytes > this.#limit) throw new HttpError('OVERLOADED', { headers: { 'Retry-After': '1' } });
    this.#used += bytes;
  }

  give(bytes: number): void {
    this.#used -= bytes;
  }
}

/** What one body holds of a budget. */
export class BudgetShare {
  #budget: BodyBudget | undefined;
  #held = 0;

  /** @param budget undefined: nothing is counted */
  constructor(budget: BodyBudget | undefined) {
    this.#budget = budget;
  }

  /** @throws HttpError BODY_TOO_LARGE, OVERLOADED; nothing is taken then */
  take(bytes: number): void {
    this.#budget?.take(bytes, this.#held + bytes);
    this.#held += bytes;
  }

  /** Gives everything back, for good: what is taken later is not counted. */
  release(): void {
    this.#budget?.give(this.#held);
    this.#budget = undefined;
  }
}
