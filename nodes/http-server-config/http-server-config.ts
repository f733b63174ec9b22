import { FlowLifecycle } from '../lib/flow-lifecycle.js';
import { registerNode } from '../lib/register-node.js';
import type { RuntimeApi } from '../lib/typings.js';
import type * as Runtime from './runtime.js';

export default (RED: RuntimeApi): void => {
  // It listens from the start: the first server may come with a deploy that has begun before.
  const lifecycle = new FlowLifecycle(RED);
  registerNode(RED, 'http-server-config', () => (require('./runtime.js') as typeof Runtime).default(RED, lifecycle));
};
