import type http from 'node:http';

/** Where headers are looked up and set by name in any case: a response, or its head before it is written. */
export interface HeaderTarget {
  getHeader(name: string): number | string | string[] | undefined;
  setHeader(name: string, value: number | string | readonly string[]): unknown;
}

type Value = number | string | readonly string[] | undefined;

/**
 * The head of an answer whose headers come all at once, while the server adds its own. It becomes the flat list of names
 * and values that Node writes without looking at a header twice.
 */
export class HeadDraft implements HeaderTarget {
  /** Names and values in turn. */
  readonly list: (string | Value)[] = [];
  readonly #names: string[] = [];

  constructor(headers: http.OutgoingHttpHeaders = {}) {
    for (const name in headers) this.#add(name, name.toLowerCase(), headers[name]);
  }

  getHeader(name: string): number | string | string[] | undefined {
    const index = this.#names.indexOf(name.toLowerCase());
    return index < 0 ? undefined : (this.list[index * 2 + 1] as number | string | string[]);
  }

  setHeader(name: string, value: Value): void {
    const lower = name.toLowerCase();
    const index = this.#names.indexOf(lower);
    if (index < 0) this.#add(name, lower, value);
    else this.list.splice(index * 2, 2, name, value);
  }

  #add(name: string, lower: string, value: Value): void {
    this.#names.push(lower);
    this.list.push(name, value);
  }
}
