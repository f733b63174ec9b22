import { registerNode } from '../lib/register-node.js';
import type { RuntimeApi } from '../lib/typings.js';
import type * as Runtime from './runtime.js';
import { MAX_SLOTS } from './slots.js';

export default (RED: RuntimeApi): void =>
  registerNode(RED, 'http-server-credentials', () => (require('./runtime.js') as typeof Runtime).default(RED), {
    credentials: Object.fromEntries(
      ['entries', ...Array.from({ length: MAX_SLOTS }, (_, index) => `secret${index + 1}`)].map((name) => [
        name,
        { type: 'password' as const },
      ]),
    ),
  });
