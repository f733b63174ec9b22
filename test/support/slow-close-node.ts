import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Puts a node type `slow-close` into a user directory: it takes `wait` milliseconds to close, so that a deploy lasts.
 */
export function addSlowCloseNode(userDir: string): void {
  const folder = join(userDir, 'nodes');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'slow-close.js'),
    `module.exports = (RED) => RED.nodes.registerType('slow-close', function (config) {
  RED.nodes.createNode(this, config);
  this.on('close', (done) => setTimeout(done, Number(config.wait)));
});`,
  );
  writeFileSync(
    join(folder, 'slow-close.html'),
    `<script type="text/javascript">
RED.nodes.registerType('slow-close', { category: 'test', defaults: { wait: { value: 0 } } });
</script>`,
  );
}
