import type { FlowNode, RuntimeApi, SavedProperties } from './typings.js';

/** Makes a node of its saved properties, as Node-RED calls it: with the bare node as `this`. */
export type NodeMaker<N extends FlowNode> = (this: N, saved: SavedProperties) => void;

/**
 * Registers a node type. Node-RED loads every type of the pack at its start; what makes the nodes of a type is loaded
 * with the first of them: `registerNode(RED, 'route', () => (require('./runtime.js') as typeof Runtime).default(RED))`.
 * A load that fails is tried again with the next node.
 */
export function registerNode<N extends FlowNode>(
  RED: RuntimeApi,
  type: string,
  load: () => NodeMaker<N>,
  options?: Parameters<RuntimeApi['nodes']['registerType']>[2],
): void {
  let make: NodeMaker<N> | undefined;
  function FirstOrNext(this: N, saved: SavedProperties): void {
    make ??= load();
    make.call(this, saved);
  }
  RED.nodes.registerType(type, FirstOrNext as never, options);
}
