/** Counts of live clients in the labels of our nodes, as their status tells them: "events (12)". */
import type { EditorNode } from './red.js';
import './red.js';

/** Milliseconds to wait while the mouse holds something on the canvas, or a dialog is open. */
const BUSY = 1000;

/** The count that the label of each node shows, by the id of the node. */
const shown = new Map<string, number>();

/** What the labels are to show next; undefined is no count. */
const told = new Map<string, number | undefined>();

let waiting = false;

/** Shows in the labels of a node type how many clients the running flow has. Call it once. */
export function showClientCounts(type: string): void {
  RED.comms.subscribe('status/#', (topic, status) => {
    const id = topic.split('/')[1] ?? '';
    if (RED.nodes.node(id)?.type !== type) return;
    const [, count] = /^(\d+) clients?\b/.exec(status.text ?? '') ?? [];
    told.set(id, count === undefined ? undefined : Number(count));
    if (!waiting) showTold();
  });
}

/** A label with the count of clients behind it, while one is known. */
export function withClientCount(label: string, node: EditorNode): string {
  const count = shown.get(node.id);
  return count === undefined ? label : `${label} (${count})`;
}

/** The label of a node without the count: where it is not drawn anew with every change, an old one would be wrong. */
export function labelWithoutCount(node: EditorNode & { readonly name?: unknown }): string {
  const label = RED.utils.getNodeLabel(node, node.type);
  const counts = ['sse-out', 'websocket-in', 'websocket-out', 'http-server-response'].includes(node.type);
  return counts && node.name !== label ? label.replace(/ \(\d+\)$/, '') : label;
}

function showTold(): void {
  // A wire that is being drawn, or nodes that are being moved, stay as they are.
  waiting = RED.view.state() !== RED.state.DEFAULT;
  if (waiting) {
    setTimeout(showTold, BUSY);
    return;
  }
  let hasChanged = false;
  for (const [id, count] of told) {
    const node = RED.nodes.node(id);
    if (shown.get(id) === count || node === undefined) continue;
    if (count === undefined) shown.delete(id);
    else shown.set(id, count);
    // Node-RED resizes a node whose label changes with its left edge where it was: that would move the centre, which is
    // what is saved. One that was not drawn yet keeps its centre.
    delete node.w;
    node.dirty = true;
    hasChanged = true;
  }
  told.clear();
  if (hasChanged) RED.view.redraw(false, true);
}
