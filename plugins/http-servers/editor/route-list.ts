/** The routes of a server as a list that opens the node of a row on the canvas. */
import '../../../nodes/lib/editor/red.js';
import { routeTree } from '../route-tree.js';
import type { TreeRow } from '../route-tree.js';
import { doorsOf, editorGraph, rowLabel } from './flow-graph.js';
import { say } from './texts.js';

/** Shows the routes of a server in place of what the element holds. */
export function showRoutes(element: JQuery, server: string): void {
  const trees = doorsOf(server).map((door) => routeTree(door, editorGraph));
  element.empty();
  if (trees.length === 0) element.append($('<p class="http-servers-none">').text(say('noDoor')));
  else element.append(listOf(trees));
}

function listOf(rows: readonly TreeRow[]): JQuery {
  const list = $('<ul class="http-servers-tree">');
  for (const row of rows) {
    const label = rowLabel(row);
    const button = $('<button type="button" class="http-servers-row">')
      .text(row.output === undefined ? label : `→ ${label}`)
      .attr('title', say('reveal'))
      .on('click', () => {
        RED.view.reveal(row.id);
      });
    const item = $('<li>').append(button).appendTo(list);
    if (row.rows.length > 0) item.append(listOf(row.rows));
    else if (row.isOpen) item.append($('<span class="http-servers-open">').text(say('unanswered')));
  }
  return list;
}
