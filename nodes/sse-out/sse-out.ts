import { registerNode } from '../lib/register-node.js';
import type { RuntimeApi } from '../lib/typings.js';
import type * as Runtime from './runtime.js';

export default (RED: RuntimeApi): void =>
  registerNode(RED, 'sse-out', () => (require('./runtime.js') as typeof Runtime).default(RED));
