/** The editor under fingers: every dialog on a phone and on a tablet, and the rules of `route` sorted and edited by touch. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Locator } from 'playwright-core';
import { tourDialogs } from '../support/dialog-tour.js';
import { EditorBrowser } from '../support/editor-browser.js';
import { NodeRedProcess } from '../support/node-red.js';
import { oneOfEach } from '../support/one-of-each.js';

const phone = { width: 390, height: 844 };

tourDialogs({ name: 'phone', viewport: phone, touch: true, axe: false });

describe('the dialogs under fingers', () => {
  let nodeRed: NodeRedProcess;
  let editor: EditorBrowser;

  before(async () => {
    nodeRed = await NodeRedProcess.start();
    editor = await EditorBrowser.open(nodeRed, { viewport: { width: 820, height: 1180 }, touch: true });
    await editor.import(oneOfEach(8080).filter(({ id }) => ['server', 'router', 'files'].includes(String(id))));
  });
  after(async () => {
    await editor.close();
    await nodeRed.stop();
  });

  const values = (inputs: Locator): Promise<string[]> =>
    inputs.evaluateAll((all) => all.map((input) => (input as unknown as { value: string }).value));

  it('a rule is dragged to another place, gets a method from the menu, and another rule is added', async () => {
    const { page } = editor;
    await editor.edit('router');
    const paths = page.locator('#route-rules input.http-server-rule-path');
    await editor.swipe(
      page.locator('#route-rules .red-ui-editableList-item-handle').nth(2),
      page.locator('#route-rules > li').nth(0),
    );
    assert.deepEqual(await values(paths), ['/device/<name>', '/device/:id', '/files/....']);
    await page.locator('button.http-server-methods').first().tap();
    await page.locator('.http-server-menu').getByLabel('PUT').tap();
    await page.locator('#route-test-url').tap();
    assert.equal(await page.locator('button.http-server-methods').first().innerText(), 'GET, PUT');
    await page.locator('.http-server-form .red-ui-editableList-addButton').tap();
    await paths.nth(3).fill('/new');
    await page.locator('#route-test-url').fill('/new');
    await editor.shot('touch-route');
    assert.match(await page.locator('#route-test-result').innerText(), /rule 4/i);
    await page.locator('#node-dialog-ok:visible').tap();
    await page.waitForSelector('.http-server-form', { state: 'detached' });
    const rules = await editor.property<{ methods: string[]; path: string }[]>('router', 'rules');
    assert.deepEqual(
      rules.map(({ methods, path }) => `${methods.join()} ${path}`),
      ['GET,PUT /device/<name>', 'GET /device/:id', 'POST,PUT /files/....', 'GET /new'],
    );
  });

  it('a folder is found by taps', async () => {
    const { page } = editor;
    await editor.edit('files');
    await page.locator('#file-response-pane-file button.http-server-browse').tap();
    const item = page.locator('.http-server-browser-list button').first();
    await item.waitFor();
    const box = await item.boundingBox();
    assert.ok(box !== null && box.height >= 40, JSON.stringify(box));
    const before = await page.locator('.http-server-browser-here').innerText();
    await page.locator('.http-server-browser').getByRole('button', { name: 'The folder above' }).tap();
    await page.waitForFunction(
      `document.querySelector('.http-server-browser-here').textContent !== ${JSON.stringify(before)}`,
    );
    await editor.shot('touch-folders');
    await page.locator('.http-server-browser').getByRole('button', { name: 'Take this folder' }).tap();
    assert.equal(await page.locator('.http-server-browser').count(), 0);
    await editor.finish();
    const taken = await editor.property<string>('files', 'rootPath');
    assert.ok(before.startsWith(taken) && taken !== before, `${taken} is not above ${before}`);
  });

  it('nothing in the page went wrong', () => {
    assert.deepEqual(editor.errors, []);
  });
});
