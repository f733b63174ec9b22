/** The live clients of a server by channel, each with a button that ends its connection. */
import { labelWithoutCount } from '../../../nodes/lib/editor/client-count.js';
import '../../../nodes/lib/editor/red.js';
import type { ChannelView, ClientView } from '../view.js';
import { say } from './texts.js';

/** Shows the clients; `disconnect` is called with a client's id, or missing for those who may only look. */
export function showClients(
  element: JQuery,
  channels: readonly ChannelView[],
  disconnect: ((client: string) => void) | undefined,
): void {
  // A button that has the focus keeps it while its client stays.
  const focused = $(document.activeElement ?? []).attr('data-client');
  element.empty();
  if (channels.length === 0) element.append($('<p class="http-servers-none">').text(say('noClients')));
  for (const channel of channels) {
    $('<h5>').text(titleOf(channel)).appendTo(element);
    const list = $('<ul class="http-servers-clients">').appendTo(element);
    for (const client of channel.clients) list.append(rowOf(client, disconnect));
    const more = channel.count - channel.clients.length;
    if (more > 0) list.append($('<li>').text(say('more', { count: more })));
  }
  if (focused !== undefined) element.find(`[data-client="${CSS.escape(focused)}"]`).trigger('focus');
}

function titleOf({ kind, name, count }: ChannelView): string {
  // A channel without a name of its own is keyed by the id of its node.
  const node = RED.nodes.node(name);
  const shown = node === undefined ? name : labelWithoutCount(node);
  return `${say(`kind.${kind}`)} ${shown} (${count})`;
}

function rowOf({ id, ip, path, user }: ClientView, disconnect: ((client: string) => void) | undefined): JQuery {
  const text = [user, ip, path].filter((part) => part !== '').join(' · ');
  const row = $('<li>').append($('<span>').attr('title', id).text(text));
  if (disconnect === undefined) return row;
  return row.append(
    $('<button type="button" class="red-ui-button red-ui-button-small">')
      .attr({ title: say('disconnect'), 'aria-label': `${say('disconnect')}: ${text}`, 'data-client': id })
      .append($('<i class="fa fa-times" aria-hidden="true">'))
      .on('click', () => {
        disconnect(id);
      }),
  );
}
