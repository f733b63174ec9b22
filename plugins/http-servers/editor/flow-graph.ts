/** The editor's flows as the route tree needs them, and what its rows are called. */
import { labelWithoutCount } from '../../../nodes/lib/editor/client-count.js';
import type { EditorNode, NodeDefinition } from '../../../nodes/lib/editor/red.js';
import '../../../nodes/lib/editor/red.js';
import type { FlowGraph, TreeRow } from '../route-tree.js';

type AnyNode = EditorNode & Record<string, unknown> & { readonly d?: boolean; readonly links?: readonly string[] };

function nodeOf(id: string): AnyNode | null {
  return (RED.nodes.node(id) ?? RED.nodes.junction(id) ?? null) as AnyNode | null;
}

/** The flows as they stand in the editor, deployed or not. */
export const editorGraph: FlowGraph = {
  typeOf: (id) => {
    const node = nodeOf(id);
    return node === null || node.d === true ? undefined : node.type;
  },
  outputsOf: (id) => {
    const node = nodeOf(id);
    if (node === null) return [];
    if (node.type === 'link out') return [node.links ?? []];
    const outputs: string[][] = Array.from({ length: node.outputs ?? 0 }, () => []);
    for (const { sourcePort, target } of RED.nodes.getNodeLinks(id)) (outputs[sourcePort] ??= []).push(target.id);
    return outputs;
  },
};

/** The doors of a server, in the order of the flows. */
export function doorsOf(server: string): string[] {
  const found: string[] = [];
  RED.nodes.eachNode((node) => {
    if (node.type === 'http-server-in' && node['server'] === server && node['d'] !== true) found.push(node.id);
    return true;
  });
  return found;
}

/** What a row is called: the node's label on the canvas, or that of the output. */
export function rowLabel({ id, output }: TreeRow): string {
  const node = nodeOf(id);
  if (node === null) return id;
  if (output === undefined) return labelWithoutCount(node);
  const { outputLabels } = RED.nodes.getType(node.type) as NodeDefinition<Record<string, unknown>>;
  return outputLabels?.call(node, output) ?? String(output + 1);
}
