/** The sidebar "HTTP servers" in the real editor: what it shows, what its buttons do, and that it rests while closed. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import WebSocket from 'ws';
import { axeProblems } from '../support/axe.js';
import { EditorBrowser } from '../support/editor-browser.js';
import { type Flow, NodeRedProcess, freePort } from '../support/node-red.js';

function flowOn(port: number): Flow {
  const rules = [
    { methods: ['GET'], path: '/hello' },
    { methods: ['GET'], path: '/chat' },
    { methods: ['GET'], path: '/lost' },
  ];
  return [
    { id: 'tab', type: 'tab', label: 'Home' },
    { id: 'server', type: 'http-server-config', name: 'House', host: '127.0.0.1', port: String(port) },
    { id: 'in', type: 'http-server-in', z: 'tab', server: 'server', x: 120, y: 80, wires: [['route']] },
    { id: 'route', type: 'route', z: 'tab', rules, outputs: 3, x: 300, y: 80, wires: [['set'], ['sockets'], ['log']] },
    { id: 'set', type: 'change', z: 'tab', rules: [], x: 480, y: 40, wires: [['answer']] },
    { id: 'answer', type: 'http-server-response', z: 'tab', mode: 'json', x: 660, y: 40, wires: [] },
    {
      id: 'sockets',
      type: 'websocket-in',
      z: 'tab',
      server: 'server',
      channel: 'chat',
      x: 480,
      y: 90,
      wires: [[], []],
    },
    { id: 'log', type: 'debug', z: 'tab', active: false, x: 480, y: 140, wires: [] },
  ];
}

describe('the sidebar "HTTP servers"', () => {
  let nodeRed: NodeRedProcess;
  let editor: EditorBrowser;
  let port: number;

  before(async () => {
    port = await freePort();
    nodeRed = await NodeRedProcess.start({ flows: flowOn(port) });
    editor = await EditorBrowser.open(nodeRed);
  });
  after(async () => {
    await editor.close();
    await nodeRed.stop();
  });

  const sidebar = (): ReturnType<EditorBrowser['page']['locator']> => editor.page.locator('.http-servers');
  const questions = (): Promise<number> =>
    editor.evaluate<number>(
      `performance.getEntriesByType('resource').filter(({ name }) => name.includes('http-servers?')).length`,
    );

  it('asks nothing while it is closed', async () => {
    await editor.page.waitForTimeout(2500);
    assert.equal(await questions(), 0);
  });

  it('shows the server with its state and address', async () => {
    await editor.evaluate(`RED.actions.invoke('core:show-http-servers-tab')`);
    await sidebar().locator('.http-servers-dot[data-state=listening]').waitFor();
    assert.equal(await sidebar().locator('.http-servers-name').innerText(), 'House');
    assert.equal(await sidebar().locator('.http-servers-address a').innerText(), `http://127.0.0.1:${port}/`);
  });

  it('shows the routes as the wires run, and where nothing answers', async () => {
    const rows = await sidebar().locator('.http-servers-tree button').allInnerTexts();
    assert.deepEqual(rows, [
      `http :${port}`,
      'route (3)',
      '→ GET /hello',
      'JSON',
      '→ GET /chat',
      'chat',
      '→ GET /lost',
    ]);
    assert.equal(await sidebar().locator('.http-servers-open').count(), 1);
  });

  it('shows a node on the canvas when its row is chosen', async () => {
    await sidebar().locator('.http-servers-tree button', { hasText: 'JSON' }).click();
    await editor.page.waitForSelector(
      '[id="answer"].red-ui-flow-node-highlighted, [id="answer"] .red-ui-flow-node-highlighted, .red-ui-flow-node-highlighted',
    );
  });

  it('shows requests as they end, with status and time', async () => {
    await fetch(`http://127.0.0.1:${port}/hello?secret=1`);
    await fetch(`http://127.0.0.1:${port}/nothing`);
    const rows = sidebar().locator('.http-servers-requests tbody tr');
    await rows.nth(1).waitFor();
    const [newest, older] = await rows.allInnerTexts();
    assert.match(newest ?? '', /^404\s+GET\s+\/nothing\s+\d+$/);
    assert.match(older ?? '', /^200\s+GET\s+\/hello\s+\d+$/);
  });

  it('shows live clients, and its button disconnects one', async () => {
    const client = new WebSocket(`ws://127.0.0.1:${port}/chat`);
    const closed = new Promise((done) => client.once('close', done));
    const button = sidebar().locator('.http-servers-clients button');
    await button.waitFor();
    assert.match(await sidebar().locator('h5').innerText(), /chat \(1\)/);
    await editor.shot('sidebar');
    await button.click();
    await closed;
    await button.waitFor({ state: 'detached' });
  });

  it('can be read and used without eyes or mouse', async () => {
    assert.equal((await axeProblems(editor.page, '.http-servers')).join('\n'), '');
  });

  it('stops and starts the server', async () => {
    await sidebar().locator('[data-action=stop]').click();
    await sidebar().locator('.http-servers-dot[data-state=stopped]').waitFor();
    await assert.rejects(fetch(`http://127.0.0.1:${port}/hello`));
    await sidebar().locator('[data-action=start]').click();
    await sidebar().locator('.http-servers-dot[data-state=listening]').waitFor();
    assert.equal((await fetch(`http://127.0.0.1:${port}/hello`)).status, 200);
  });

  it('asks nothing any more when another tab is shown', async () => {
    await editor.evaluate(`RED.sidebar.show('info')`);
    await editor.page.waitForTimeout(1500);
    const before = await questions();
    await editor.page.waitForTimeout(2500);
    assert.equal(await questions(), before);
  });

  it('nothing in the page went wrong', () => {
    assert.deepEqual(editor.errors, []);
  });
});
