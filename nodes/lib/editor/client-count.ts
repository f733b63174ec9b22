/** Counts of live clients in the labels of our nodes, as their status tells them: "events (12)". */
import type { EditorNode } from './red.js';
import './red.js';

/** Milliseconds to wait while the mouse holds something on the canvas. */
const BUSY = 1000;

/** The last count of each node, by its id. */
const counts = new Map<string, number>();

/** Shows in the labels of a node type how many clients the running flow has. Call it once. */
export function showClientCounts(type: string): void {
  RED.comms.subscribe('status/#', (topic, status) => {
    const node = RED.nodes.node(topic.split('/')[1] ?? '');
    if (node?.type !== type) return;
    const [, count] = /^(\d+) clients?\b/.exec(status.text ?? '') ?? [];
    setCount(node, count === undefined ? undefined : Number(count));
  });
}

/** A label with the count of clients behind it, while one is known. */
export function withClientCount(label: string, node: EditorNode): string {
  const count = counts.get(node.id);
  return count === undefined ? label : `${label} (${count})`;
}

function setCount(node: EditorNode, count: number | undefined): void {
  if (counts.get(node.id) === count) return;
  // A wire that is being drawn, or nodes that are being moved, stay as they are.
  if (RED.view.state() !== RED.state.DEFAULT) {
    setTimeout(() => {
      setCount(node, count);
    }, BUSY);
    return;
  }
  if (count === undefined) counts.delete(node.id);
  else counts.set(node.id, count);
  // Node-RED resizes a node whose label changes with its left edge where it was: that would move the centre, which is what
  // is saved. One that was not drawn yet keeps its centre.
  delete node.w;
  node.dirty = true;
  RED.view.redraw(false, true);
}
