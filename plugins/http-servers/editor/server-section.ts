/** One server in the sidebar: state and address, start and stop, routes, clients, requests. */
import '../../../nodes/lib/editor/red.js';
import type { ServerView } from '../view.js';
import { showClients } from './client-list.js';
import { requestList } from './request-list.js';
import { showRoutes } from './route-list.js';
import { say } from './texts.js';

/** What the section asks of the runtime; missing for those who may only look. */
export interface ServerActions {
  readonly act: (server: string, action: 'start' | 'stop' | 'restart') => void;
  readonly disconnect: (server: string, client: string) => void;
}

/** A server's part of the sidebar. */
export interface ServerSection {
  readonly element: JQuery;
  readonly show: (view: ServerView) => void;
  /** Draws the routes again: the flows have changed. */
  readonly showRoutes: () => void;
}

/** Makes the section of a server. */
export function serverSection(id: string, actions: ServerActions | undefined): ServerSection {
  const dot = $('<span class="http-servers-dot" aria-hidden="true">');
  const name = $('<button type="button" class="http-servers-name">')
    .attr('title', say('edit'))
    .on('click', () => {
      RED.editor.editConfig('', 'http-server-config', id);
    });
  const state = $('<span class="http-servers-state" role="status">');
  const address = $('<a target="_blank" rel="noopener noreferrer">');
  const error = $('<p class="http-servers-error">');
  const start = button('start', 'fa-play');
  const stop = button('stop', 'fa-stop');
  const restart = button('restart', 'fa-refresh');
  const controls = $('<span class="http-servers-controls">');
  if (actions !== undefined) {
    for (const [action, control] of [
      ['start', start],
      ['stop', stop],
      ['restart', restart],
    ] as const) {
      control.on('click', () => {
        actions.act(id, action);
      });
      controls.append(control);
    }
  }
  const routes = $('<div>');
  const clients = $('<div>');
  const requests = requestList();
  const clientCount = $('<span>');
  const element = $('<section class="http-servers-server">').append(
    $('<header>').append(dot, name, state, controls),
    $('<div class="http-servers-address">').append(address),
    error,
    fold(say('routes'), routes, true),
    fold(say('clients'), clients, true, clientCount),
    fold(say('requests'), requests.element, true),
  );
  let shownClients = '';
  const drawRoutes = (): void => {
    const node = RED.nodes.node(id);
    name.text(node === undefined ? id : RED.utils.getNodeLabel(node, id));
    showRoutes(routes, id);
  };
  drawRoutes();
  return {
    element,
    showRoutes: drawRoutes,
    show: (view) => {
      const runs = view.state === 'listening';
      dot.attr('data-state', view.state);
      state.text(
        runs ? say('open', { connections: view.connections, requests: view.requests }) : say(`state.${view.state}`),
      );
      const url = view.url === '' ? '' : seenFromHere(view.url);
      address
        .attr('href', url)
        .text(url)
        .parent()
        .toggle(url !== '');
      error.text(view.error).toggle(view.error !== '');
      start.toggle(!runs && view.state !== 'refused');
      stop.toggle(runs);
      restart.toggle(runs);
      const count = view.channels.reduce((sum, channel) => sum + channel.count, 0);
      clientCount.text(` (${count})`);
      const channels = JSON.stringify(view.channels);
      if (channels !== shownClients) {
        shownClients = channels;
        const end =
          actions &&
          ((client: string): void => {
            actions.disconnect(id, client);
          });
        showClients(clients, view.channels, end);
      }
      requests.add(view.records);
    },
  };
}

function button(action: string, icon: string): JQuery {
  return $('<button type="button" class="red-ui-button red-ui-button-small">')
    .attr({ title: say(action), 'aria-label': say(action), 'data-action': action })
    .append($(`<i class="fa ${icon}" aria-hidden="true">`));
}

function fold(title: string, content: JQuery, isOpen: boolean, extra?: JQuery): JQuery {
  const summary = $('<summary>').text(title);
  if (extra !== undefined) summary.append(extra);
  return $('<details>').prop('open', isOpen).append(summary, content);
}

/** The address under which this browser reaches the server: one that listens everywhere says "localhost". */
function seenFromHere(url: string): string {
  const address = new URL(url);
  if (address.hostname === 'localhost') address.hostname = location.hostname;
  return address.href;
}
