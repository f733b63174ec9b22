/** Configuration nodes as other dialogs see them. */
import './red.js';

/** The id of the first configuration node of a type, "" when there is none: what a node that was just dropped takes. */
export function firstOf(type: string): string {
  let found = '';
  RED.nodes.eachConfig((node) => {
    if (node.type === type) found ||= node.id;
    return true;
  });
  return found;
}

/** The label of a configuration node as its own dialog makes it; "" when it is not there. */
export function nodeLabel(id: string | undefined): string {
  const node = id === undefined || id === '' ? undefined : RED.nodes.node(id);
  return node === undefined ? '' : RED.utils.getNodeLabel(node, '');
}
