/** A newcomer's way: drop the nodes, fill the dialogs, wire, deploy, open the page. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { EditorBrowser } from '../support/editor-browser.js';
import { NodeRedProcess, freePort } from '../support/node-red.js';

describe('from an empty workspace to a page that answers', () => {
  let nodeRed: NodeRedProcess;
  let editor: EditorBrowser;
  let port: number;
  const ids: Record<'entry' | 'route' | 'answer' | 'login', string> = { entry: '', route: '', answer: '', login: '' };

  before(async () => {
    nodeRed = await NodeRedProcess.start();
    editor = await EditorBrowser.open(nodeRed);
    port = await freePort();
  });
  after(async () => {
    await editor.close();
    await nodeRed.stop();
  });

  it('drops the nodes from one category of the palette', async () => {
    ids.entry = await editor.drop('http-server-in', 140, 140);
    ids.route = await editor.drop('route', 360, 140);
    ids.answer = await editor.drop('http-server-response', 640, 80);
    ids.login = await editor.drop('http-server-response', 640, 240);
    const categories = await editor.evaluate<string[]>(
      `[...new Set(['http-server-in', 'route', 'http-server-response', 'file-response'].map((type) => RED.nodes.getType(type).category))]`,
    );
    assert.deepEqual(categories, ['http server']);
    assert.equal(await editor.evaluate(`RED.utils.getNodeLabel(RED.nodes.node('${ids.route}'))`), 'GET /device/<id>');
  });

  it('brings its own server, which is set up from within the dialog of the entry', async () => {
    const { page } = editor;
    await editor.edit(ids.entry);
    await page.click('#node-input-btn-server-edit');
    await page.waitForSelector('#node-config-input-port');
    await page.waitForTimeout(600);
    await editor.type('#node-config-input-host', '127.0.0.1');
    await editor.type('#node-config-input-port', 'eighty');
    await page.waitForSelector('#node-config-input-port.input-error');
    await editor.type('#node-config-input-port', String(port));
    await page.waitForSelector('#node-config-input-port:not(.input-error)');
    assert.equal(await page.textContent('#http-server-config-address a'), `http://127.0.0.1:${port}`);
    await editor.shot('server');
    await editor.finish();
    await editor.shot('entry');
    await editor.finish();
    assert.equal(await editor.evaluate(`RED.utils.getNodeLabel(RED.nodes.node('${ids.entry}'))`), `http :${port}`);
  });

  it('adds a rule to the router, with methods from the menu', async () => {
    const { page } = editor;
    await editor.edit(ids.route);
    await page.click('.red-ui-editableList-addButton');
    const rule = page.locator('#route-rules > li').nth(1);
    await editor.type(rule.locator('input.http-server-rule-path'), '/old/....');
    await rule.locator('button.http-server-methods').click();
    const menu = page.locator('.http-server-menu');
    await page.waitForSelector('.http-server-menu input:focus');
    await menu.getByLabel('POST').check();
    await editor.shot('method-menu');
    await page.keyboard.press('Escape');
    assert.equal(await rule.locator('button.http-server-methods').innerText(), 'GET, POST');
    await editor.finish();
    assert.deepEqual(await editor.property(ids.route, 'rules'), [
      { methods: ['GET'], path: '/device/<id>', appendSlash: false },
      { methods: ['GET', 'POST'], path: '/old/....', appendSlash: false },
    ]);
    assert.equal(await editor.property(ids.route, 'outputs'), 2);
  });

  it('makes one answer JSON and the other a redirect', async () => {
    const { page } = editor;
    await editor.edit(ids.answer);
    await page.selectOption('#node-input-mode', 'json');
    await editor.type('#node-input-statusCode', '201');
    assert.equal(await page.textContent('#http-server-response-phrase'), 'Created');
    await page.click(
      '#http-server-response-headers >> xpath=ancestor::div[contains(@class,"red-ui-editableList")][last()] >> .red-ui-editableList-addButton',
    );
    await editor.type('#http-server-response-headers [data-field=name]', 'X-Answer');
    await editor.type('#http-server-response-headers [data-field=value]', 'yes');
    await editor.shot('answer');
    await editor.finish();
    await editor.edit(ids.login);
    await page.selectOption('#node-input-mode', 'redirect');
    await editor.type('.http-server-response-redirect input.red-ui-typedInput-input', '/device/7');
    await page.check('#node-input-permanent');
    assert.equal(await page.getAttribute('#node-input-statusCode', 'placeholder'), '301');
    await editor.shot('redirect');
    await editor.finish();
    const labels = await editor.evaluate(
      `['${ids.answer}', '${ids.login}'].map((id) => RED.utils.getNodeLabel(RED.nodes.node(id)))`,
    );
    assert.deepEqual(labels, ['201 JSON', '301 → /device/7']);
  });

  it('wires and deploys without a complaint, and the page answers', async () => {
    await editor.wire(ids.entry, 0, ids.route);
    await editor.wire(ids.route, 0, ids.answer);
    await editor.wire(ids.route, 1, ids.login);
    await editor.shot('canvas');
    const invalid = await editor.evaluate(
      `(() => { const found = []; RED.nodes.eachNode((node) => { if (!node.valid) found.push(node.type); }); return found; })()`,
    );
    assert.deepEqual(invalid, []);
    await editor.deploy(nodeRed);
    const answer = await fetch(`http://127.0.0.1:${port}/device/7?a=1`);
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.get('x-answer'), 'yes');
    assert.deepEqual(await answer.json(), { a: '1' });
    const redirect = await fetch(`http://127.0.0.1:${port}/old/page`, { redirect: 'manual' });
    assert.equal(redirect.status, 301);
    assert.equal(redirect.headers.get('location'), '/device/7');
    assert.equal((await fetch(`http://127.0.0.1:${port}/nothing`)).status, 404);
  });

  it('a second entry takes the server that is there', async () => {
    const second = await editor.drop('http-server-in', 140, 320);
    assert.equal(await editor.property(second, 'server'), await editor.property(ids.entry, 'server'));
  });

  it('nothing in the page went wrong', () => {
    assert.deepEqual(editor.errors, []);
  });
});
