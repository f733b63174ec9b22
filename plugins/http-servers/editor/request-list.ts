/** The last requests of a server, the newest first. */
import type { RequestView } from '../view.js';
import { say } from './texts.js';

/** Requests that the sidebar keeps for each server. */
const SHOWN = 30;

/** A list of requests that grows at its upper end. */
export interface RequestList {
  readonly element: JQuery;
  readonly add: (records: readonly RequestView[]) => void;
}

/** Makes the list of a server. */
export function requestList(): RequestList {
  const none = $('<p class="http-servers-none">').text(say('noRequests'));
  const body = $('<tbody>');
  const head = $('<tr>');
  for (const column of ['status', 'method', 'path', 'ms'])
    $('<th scope="col">')
      .text(say(`column.${column}`))
      .appendTo(head);
  const table = $('<table class="http-servers-requests">').append($('<thead>').append(head), body).hide();
  return {
    element: $('<div>').append(none, table),
    add: (records) => {
      if (records.length === 0) return;
      none.hide();
      table.show();
      for (const record of records) body.prepend(rowOf(record));
      body.children().slice(SHOWN).remove();
    },
  };
}

function rowOf({ status, method, path, ms, ip, user, result, time }: RequestView): JQuery {
  const who = typeof user === 'string' ? `${user}, ${ip}` : ip;
  const kind =
    result !== 'response-sent' || status >= 500 ? 'http-servers-bad' : status >= 400 ? 'http-servers-wrong' : '';
  return $('<tr>')
    .addClass(kind)
    .attr('title', `${new Date(time).toLocaleTimeString()} · ${who} · ${say(`result.${result}`)}`)
    .append(
      $('<td>').text(result === 'response-sent' || result === 'rejected' ? status : say(`result.${result}`)),
      $('<td>').text(method),
      $('<td>').text(path),
      $('<td>').text(ms),
    );
}
