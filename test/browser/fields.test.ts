/** The fields of our dialogs at work: folders, rules by keyboard, the rule tester, reasons, and the door's own button. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { axeProblems } from '../support/axe.js';
import { EditorBrowser } from '../support/editor-browser.js';
import { NodeRedProcess, freePort } from '../support/node-red.js';
import { oneOfEach } from '../support/one-of-each.js';

describe('the fields of the dialogs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'folder-field-'));
  let nodeRed: NodeRedProcess;
  let editor: EditorBrowser;
  let port: number;

  before(async () => {
    mkdirSync(join(folder, 'site', 'deep'), { recursive: true });
    writeFileSync(join(folder, 'page.html'), '');
    port = await freePort();
    const flow = oneOfEach(port);
    nodeRed = await NodeRedProcess.start();
    editor = await EditorBrowser.open(nodeRed);
    const wanted = ['server', 'entry', 'post', 'router', 'files'];
    await editor.import(flow.filter(({ id }) => wanted.includes(String(id))));
  });
  after(async () => {
    await editor.close();
    await nodeRed.stop();
    rmSync(folder, { recursive: true });
  });

  it('a folder field says when there is no such folder, and offers those that continue what is typed', async () => {
    const { page } = editor;
    await editor.edit('server');
    await editor.tab('Files');
    const note = page.locator('.http-server-folder');
    await editor.type('#node-config-input-rootPath', join(folder, 'page.html'));
    await note.getByText('This is a file, not a folder.').waitFor();
    await editor.type('#node-config-input-rootPath', join(folder, 'si'));
    await note.getByText(`There is no such folder (yet). The nearest that exists: ${folder}`).waitFor();
    await page.waitForSelector(`datalist option[value="${join(folder, 'site')}"]`, { state: 'attached' });
    await editor.type('#node-config-input-rootPath', join(folder, 'site'));
    await page.waitForFunction(`document.querySelector('.http-server-folder').textContent === ''`);
    await editor.finish('cancel');
  });

  it('a typed folder field looks only while it holds text', async () => {
    const { page } = editor;
    await editor.edit('files');
    const input = page
      .locator('#node-input-rootPath + * input.red-ui-typedInput-input, .red-ui-typedInput-container input')
      .first();
    await editor.type(input, join(folder, 'nowhere'));
    await input.press('Tab');
    await page.locator('.http-server-folder').getByText('There is no such folder').waitFor();
    await editor.evaluate(`void $('#node-input-rootPath').typedInput('type', 'msg')`);
    await page.waitForFunction(`document.querySelector('.http-server-folder').textContent === ''`);
    await editor.finish('cancel');
  });

  it('a panel walks through the folders by keys, from where the field is', async () => {
    const { page } = editor;
    await editor.edit('server');
    await editor.tab('Files');
    await editor.type('#node-config-input-rootPath', join(folder, 'nowhere'));
    await page.locator('#node-config-input-rootPath ~ button.http-server-browse').focus();
    await page.keyboard.press('Enter');
    const here = page.locator('.http-server-browser-here');
    await here.getByText(folder, { exact: true }).waitFor();
    await page.waitForSelector('.http-server-browser-list button:focus');
    await editor.shot('folder-browser');
    assert.deepEqual(await axeProblems(page, '.http-server-browser'), []);
    assert.equal(await page.evaluate(`document.activeElement.textContent`), 'site');
    await page.keyboard.press('ArrowRight');
    await here.getByText(join(folder, 'site'), { exact: true }).waitFor();
    await page.keyboard.press('Enter');
    await here.getByText(join(folder, 'site', 'deep'), { exact: true }).waitFor();
    // Nothing to go into: the button that takes the folder has the focus.
    await page.locator('.http-server-browser').getByText('No folders in here.').waitFor();
    await page.keyboard.press('ArrowLeft');
    await here.getByText(join(folder, 'site'), { exact: true }).waitFor();
    await page.waitForFunction(`document.activeElement.textContent === 'deep'`);
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('.http-server-browser').count(), 0);
    assert.ok(await page.isVisible('.http-server-form'), 'Escape closed the dialog, too');
    await page.keyboard.press('Enter');
    await here.getByText(folder, { exact: true }).waitFor();
    await page.locator('.http-server-browser-list').getByText('site').click();
    await here.getByText(join(folder, 'site'), { exact: true }).waitFor();
    await page.locator('.http-server-browser').getByRole('button', { name: 'Take this folder' }).click();
    assert.equal(await page.inputValue('#node-config-input-rootPath'), join(folder, 'site'));
    await editor.finish();
    assert.equal(await editor.property('server', 'rootPath'), join(folder, 'site'));
  });

  it('a typed folder field takes a folder from the panel', async () => {
    const { page } = editor;
    await editor.edit('files');
    await page.locator('#file-response-pane-file button.http-server-browse').click();
    await page.waitForSelector('.http-server-browser-list button:focus');
    await page.locator('.http-server-browser').getByRole('button', { name: 'Take this folder' }).click();
    await editor.finish();
    const taken = await editor.property<string>('files', 'rootPath');
    assert.ok(isAbsolute(taken) && taken !== '/var/www/nowhere', taken);
    assert.equal(await editor.property('files', 'rootPathType'), 'str');
  });

  it('an upload folder that is missing is no mistake: the first upload makes it', async () => {
    const { page } = editor;
    await editor.edit('post');
    await editor.tab('Body');
    await editor.type('#node-input-uploadDir', join(folder, 'uploads'));
    const note = page.locator('.http-server-folder');
    await note.getByText('There is no such folder yet: the first upload makes it.').waitFor();
    assert.equal(await page.locator('.http-server-folder.http-server-warning').count(), 0);
    await editor.type('#node-input-uploadDir', 'uploads');
    await note.getByText('In the working directory of Node-RED:').waitFor();
    await editor.finish('cancel');
  });

  it('a tab is marked while a field on it is wrong', async () => {
    const { page } = editor;
    await editor.edit('post');
    assert.equal(await page.locator('.http-server-error-tab').count(), 0);
    await editor.tab('Body');
    await editor.type('#node-input-maxFiles', 'many');
    await editor.tab('Requests');
    assert.deepEqual(await page.locator('.http-server-error-tab').allInnerTexts(), ['Body']);
    await editor.finish('cancel');
  });

  it('rules move with Alt and an arrow key, and their wires with them', async () => {
    const { page } = editor;
    await editor.edit('router');
    const paths = page.locator('#route-rules input.http-server-rule-path');
    await paths.nth(1).focus();
    await page.keyboard.press('Alt+ArrowUp');
    const order = await paths.evaluateAll((inputs) =>
      inputs.map((input) => (input as unknown as { value: string }).value),
    );
    assert.deepEqual(order, ['/files/....', '/device/:id', '/device/<name>']);
    assert.equal(await page.evaluate(`document.activeElement.value`), '/files/....');
    await editor.finish();
    const outputs = await editor.evaluate<string[]>(
      `RED.nodes.getNodeLinks('router').filter(({ target }) => target.id === 'files').map(({ sourcePort }) => String(sourcePort))`,
    );
    assert.deepEqual(outputs, ['0'], 'it left from the second output');
  });

  it('a list of rules that is pasted into a path becomes rules', async () => {
    const { page } = editor;
    await editor.edit('router');
    const paths = page.locator('#route-rules input.http-server-rule-path');
    const count = await paths.count();
    await page.evaluate(`{
      const clipboardData = new DataTransfer();
      clipboardData.setData('text', 'GET,PUT /one\\n/two (/)');
      const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
      document.querySelector('#route-rules input.http-server-rule-path').dispatchEvent(event);
    }`);
    const texts = await paths.evaluateAll((inputs) =>
      inputs.map((input) => (input as unknown as { value: string }).value),
    );
    assert.deepEqual([texts.length, ...texts.slice(-2)], [count + 2, '/one', '/two']);
    await editor.finish('cancel');
  });

  it('the tester shows which rule takes a request, and its parameters', async () => {
    const { page } = editor;
    await editor.edit('router');
    const result = page.locator('#route-test-result');
    await editor.type('#route-test-url', `http://127.0.0.1:${port}/device/a%20b?x=1`);
    assert.match(await result.innerText(), /rule 2.*id = a b/i);
    assert.equal(await page.locator('#route-rules .http-server-taken').count(), 1);
    await page.selectOption('#route-test-method', 'DELETE');
    assert.match(await result.innerText(), /output 4/i);
    await editor.finish('cancel');
  });

  it('a wrong path is marked with its position and the reason', async () => {
    const { page } = editor;
    await editor.edit('post');
    await editor.type('#node-input-path', '/a/<>/b');
    await page.waitForSelector('#node-input-path.input-error');
    assert.match(await page.innerText('#http-server-in-path-reason'), /character \d+: /i);
    await editor.type('#node-input-path', '/upload/<kind>');
    assert.equal(await page.innerText('#http-server-in-path-reason'), '');
    await editor.finish('cancel');
  });

  it('a door has a button that opens its page, unless its path is a pattern or not for GET', async () => {
    const buttons = await editor.evaluate<boolean[]>(
      `['entry', 'post'].map((id) => RED.nodes.node(id)._def.button.visible.call(RED.nodes.node(id)))`,
    );
    assert.deepEqual(buttons, [true, false]);
    const opened = editor.page.waitForEvent('popup');
    await editor.evaluate(`RED.nodes.node('entry')._def.button.onclick.call(RED.nodes.node('entry'))`);
    const popup = await opened;
    assert.ok(
      popup.url() === 'about:blank' || popup.url().includes(String(port)) || popup.url().includes('chrome-error'),
    );
    await popup.close();
  });

  it('nothing in the page went wrong', () => {
    assert.deepEqual(editor.errors, []);
  });
});
