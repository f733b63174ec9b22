// Takes the pictures of the README from the real editor: docs/images/*.png. Needs the built project and Chromium.
// Usage: node scripts/screenshots.mjs
import { createRequire } from 'node:module';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const { EditorBrowser } = require(join(root, 'dist/test/support/editor-browser.js'));
const { NodeRedProcess } = require(join(root, 'dist/test/support/node-red.js'));
const images = join(root, 'docs', 'images');
mkdirSync(images, { recursive: true });

const port = 8080;
const rules = [
  { methods: ['GET'], path: '/hello/<name>', appendSlash: true },
  { methods: ['GET', 'PUT'], path: '/lamp', appendSlash: false },
  { methods: ['GET'], path: '/events', appendSlash: false },
];
const flows = [
  { id: 'tab', type: 'tab', label: 'First flow' },
  { id: 'server', type: 'http-server-config', name: 'House', host: '127.0.0.1', port: String(port) },
  { id: 'in', type: 'http-server-in', z: 'tab', server: 'server', x: 110, y: 120, wires: [['route']] },
  {
    id: 'route',
    type: 'route',
    z: 'tab',
    rules,
    otherwise: '404',
    outputs: 3,
    x: 270,
    y: 120,
    wires: [['hello'], ['lamp'], ['events']],
  },
  {
    id: 'hello',
    type: 'change',
    z: 'tab',
    name: 'Hello name',
    x: 440,
    y: 60,
    wires: [['answer']],
    rules: [{ t: 'set', p: 'payload', pt: 'msg', to: '"Hello " & req.params.name', tot: 'jsonata' }],
  },
  { id: 'answer', type: 'http-server-response', z: 'tab', x: 610, y: 60, wires: [] },
  { id: 'lamp', type: 'change', z: 'tab', name: 'the lamp', x: 430, y: 120, wires: [['json']], rules: [] },
  { id: 'json', type: 'http-server-response', z: 'tab', mode: 'json', x: 600, y: 120, wires: [] },
  { id: 'events', type: 'sse-out', z: 'tab', server: 'server', channel: 'values', x: 450, y: 180, wires: [[]] },
];

const nodeRed = await NodeRedProcess.start({ flows });
const editor = await EditorBrowser.open(nodeRed, { viewport: { width: 1280, height: 640 } });
try {
  const { page } = editor;
  const shot = (name, clip) => page.screenshot({ path: join(images, `${name}.png`), ...(clip && { clip }) });
  await page.locator('.red-ui-palette-node[data-palette-type="http-server-in"]').scrollIntoViewIfNeeded();
  await editor.evaluate(`RED.actions.invoke('core:show-http-servers-tab')`);
  const stream = await fetch(`http://127.0.0.1:${port}/events`);
  for (const path of ['/hello/you', '/lamp', '/nowhere']) await fetch(`http://127.0.0.1:${port}${path}`);
  await page.locator('.http-servers-requests tbody tr').nth(2).waitFor();
  await page.mouse.move(600, 500);
  await page.waitForTimeout(800);
  await shot('editor');
  await page.setViewportSize({ width: 1280, height: 760 });
  await editor.edit('route');
  await editor.type('#route-test-url', '/hello/you');
  await page.waitForTimeout(300);
  await page
    .locator('.red-ui-tray')
    .last()
    .screenshot({ path: join(images, 'route.png') });
  await editor.finish('cancel');
  await editor.edit('server');
  await page
    .locator('.red-ui-tray')
    .last()
    .screenshot({ path: join(images, 'server.png') });
  await stream.body?.cancel();
} finally {
  await editor.close();
  await nodeRed.stop();
}
