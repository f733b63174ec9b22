import type { Status } from './typings.js';

/** A channel as a status counts it. */
interface Counted {
  readonly name: string;
  readonly count: number;
}

/**
 * How many clients there are and where: "3 clients", "3 clients on news", "5 clients on 2 channels".
 * @param nodeId the name of a channel that has none of its own, which is not shown
 */
export function clientStatus(channels: readonly Counted[], nodeId: string): Status {
  const busy = channels.filter(({ count }) => count > 0);
  const total = busy.reduce((sum, { count }) => sum + count, 0);
  const [only = channels[0]] = busy;
  const place =
    busy.length > 1
      ? ` on ${busy.length} channels`
      : only && only.name !== nodeId
        ? ` on ${only.name.slice(0, 40)}`
        : '';
  return {
    fill: total > 0 ? 'green' : 'grey',
    shape: total > 0 ? 'dot' : 'ring',
    text: `${total} client${total === 1 ? '' : 's'}${place}`,
  };
}
