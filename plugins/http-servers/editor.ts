/** The sidebar "HTTP servers": servers, their routes, live clients and last requests; costs nothing while it is closed. */
import '../../nodes/lib/editor/red.js';
import { pollWhileVisible } from './editor/poll.js';
import { serverSection } from './editor/server-section.js';
import type { ServerActions, ServerSection } from './editor/server-section.js';
import { installStyle } from './editor/style.js';
import { say } from './editor/texts.js';
import type { ServerView } from './view.js';

const ID = 'http-servers';

/** Milliseconds that the flows must stand still before the routes are drawn again. */
const QUIET = 300;

RED.plugins.registerPlugin(ID, {
  type: 'http-servers-sidebar',
  onadd: () => {
    installStyle();
    const content = $('<div class="http-servers" tabindex="0" role="region">').attr('aria-label', say('title'));
    fill(content);
    RED.sidebar.addTab({
      id: ID,
      label: say('tab'),
      name: say('title'),
      iconClass: 'fa fa-server',
      content,
      enableOnEdit: true,
      action: `core:show-${ID}-tab`,
    });
    RED.actions.add(`core:show-${ID}-tab`, () => {
      RED.sidebar.show(ID);
    });
  },
});

function fill(content: JQuery): void {
  const none = $('<p>').text(say('none')).appendTo(content);
  const refused = $('<p>').text(say('forbidden')).hide().appendTo(content);
  const sections = new Map<string, ServerSection>();
  let since = 0;
  const show = (servers: readonly ServerView[]): void => {
    none.toggle(servers.length === 0);
    const ids = servers.map(({ id }) => id);
    for (const [id, section] of sections) {
      if (ids.includes(id)) continue;
      section.element.remove();
      sections.delete(id);
    }
    for (const view of servers) {
      let section = sections.get(view.id);
      if (section === undefined) {
        section = serverSection(view.id, mayAct() ? actions : undefined);
        section.element.appendTo(content);
        sections.set(view.id, section);
      }
      section.show(view);
      since = Math.max(since, ...view.records.map(({ serial }) => serial));
    }
  };
  const ask = async (): Promise<void> => {
    try {
      const { servers } = (await $.getJSON(`http-servers?since=${since}`)) as { servers: ServerView[] };
      refused.hide();
      show(servers);
    } catch (error) {
      const { status } = error as { status?: number };
      if (status === 401 || status === 403) refused.show();
      // Otherwise Node-RED restarts: what is shown stays until it answers again.
    }
  };
  const askNow = pollWhileVisible(content.get(0) as HTMLElement, ask);
  const actions: ServerActions = {
    act: (server, action) => {
      const url = `http-servers/${encodeURIComponent(server)}/${action}`;
      void $.ajax({ url, method: 'POST', contentType: 'application/json', data: '{}' }).always(askNow);
    },
    disconnect: (server, client) => {
      const url = `http-servers/${encodeURIComponent(server)}/clients/${encodeURIComponent(client)}`;
      void $.ajax({ url, method: 'DELETE' }).always(askNow);
    },
  };
  let quiet: ReturnType<typeof setTimeout> | undefined;
  const redraw = (): void => {
    clearTimeout(quiet);
    quiet = setTimeout(() => {
      for (const section of sections.values()) section.showRoutes();
    }, QUIET);
  };
  for (const event of ['nodes:add', 'nodes:change', 'nodes:remove', 'links:add', 'links:remove'])
    RED.events.on(event, redraw);
}

function mayAct(): boolean {
  return RED.user.hasPermission('http-servers.write');
}
