/** The ways of a request through a flow, as a tree. Pure: the editor's nodes come in through {@link FlowGraph}. */

/** A flow as the tree needs it. */
export interface FlowGraph {
  /** The type of a node; undefined for one that is missing or disabled. */
  readonly typeOf: (id: string) => string | undefined;
  /** The nodes wired to each output, links between tabs followed. */
  readonly outputsOf: (id: string) => readonly (readonly string[])[];
}

/** A row: a node, or one output of a node that has several. */
export interface TreeRow {
  readonly id: string;
  /** The index of the output; undefined for the row of the node itself. */
  readonly output?: number;
  readonly rows: readonly TreeRow[];
  /** True when nothing that the wires reach from here can answer. */
  readonly isOpen: boolean;
}

/** Rows of one tree; past it the rest is left out. */
export const maxRows = 500;

/** Nodes that decide where a request goes on. */
const PASSING = new Set(['http-server-in', 'auth', 'route', 'rate-limit']);

/** Nodes that end a request. */
const ENDS = new Set([
  'http-server-response',
  'file-response',
  'sse-out',
  'websocket-in',
  'http response',
  'link call',
]);

/** The tree of an `http-server-in`: nodes that neither decide nor answer are passed over. */
export function routeTree(start: string, graph: FlowGraph): TreeRow {
  let left = maxRows;
  const visit = (id: string, above: readonly string[]): TreeRow => {
    left -= 1;
    const type = graph.typeOf(id) ?? '';
    const isEnd = ENDS.has(type) || type.startsWith('subflow:');
    // What comes out of channels is events, not requests; a file response hands on what it did not find.
    const outputs = isEnd && type !== 'file-response' ? [] : graph.outputsOf(id);
    const path = [...above, id];
    const below = (next: readonly string[]): TreeRow[] => next.flatMap((one) => (left > 0 ? [visit(one, path)] : []));
    const reached = outputs.map((wires) => (left > 0 ? reach(wires, graph, path) : []));
    if (outputs.length < 2 || isEnd) {
      const rows = below(reached[0] ?? []);
      return { id, rows, isOpen: !isEnd && rows.every((row) => row.isOpen) };
    }
    const rows = reached.map((found, output): TreeRow => {
      left -= 1;
      const next = below(found);
      return { id, output, rows: next, isOpen: next.every((row) => row.isOpen) };
    });
    return { id, rows, isOpen: rows.every((row) => row.isOpen) };
  };
  return visit(start, []);
}

/** The next nodes of the tree behind these wires. A node that is above already is left out: the flow goes in a circle. */
function reach(wires: readonly string[], graph: FlowGraph, above: readonly string[]): string[] {
  const found: string[] = [];
  const seen = new Set<string>(above);
  const waiting = [...wires];
  for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
    const type = graph.typeOf(id);
    if (type === undefined || seen.has(id)) continue;
    seen.add(id);
    if (PASSING.has(type) || ENDS.has(type) || type.startsWith('subflow:')) found.push(id);
    else waiting.push(...graph.outputsOf(id).flat());
  }
  return found;
}
