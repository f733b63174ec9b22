import { SharedAnswer } from '../../src/doors/shared-answer.js';
import { clientStatus } from '../lib/client-status.js';
import { StatusLine } from '../lib/status-line.js';
import type { FlowNode } from '../lib/typings.js';

/** The one answer of everyone who waits at this node; it ends with the node. */
export function shareAnswer(node: FlowNode): SharedAnswer {
  const status = new StatusLine(node);
  const show = (): void => status.set(clientStatus([{ name: node.id, count: shared.count }], node.id));
  const shared = new SharedAnswer(show);
  show();
  node.on('close', () => {
    status.close();
    shared.end();
  });
  return shared;
}
