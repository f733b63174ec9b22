/** What a browser sends: forms in three encodings, files by choice and by drop; and the dialog that takes them in. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { EditorBrowser } from '../support/editor-browser.js';
import { type Flow, NodeRedProcess, freePort, projectRoot } from '../support/node-red.js';

const demo = (name: string): Flow => JSON.parse(readFileSync(join(projectRoot, 'demo', 'flows', name), 'utf8')) as Flow;

describe('the demo of uploads and forms, in Chromium', () => {
  let nodeRed: NodeRedProcess;
  let editor: EditorBrowser;
  let url: string;
  const uploads = mkdtempSync(join(tmpdir(), 'demo-uploads-'));
  const dialogs: string[] = [];

  before(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    nodeRed = await NodeRedProcess.start({
      flows: [...demo('1-site.json'), ...demo('3-upload.json')],
      env: { DEMO_PORT: String(port), DEMO_SITE: join(projectRoot, 'demo', 'site'), DEMO_UPLOADS: uploads },
    });
    editor = await EditorBrowser.open(nodeRed);
  });
  after(async () => {
    await editor.close();
    await nodeRed.stop();
    rmSync(uploads, { recursive: true, force: true });
  });

  for (const dark of [false, true])
    it(`the dialog of http-server-in shows what an upload needs, in the ${dark ? 'dark' : 'light'} theme`, async () => {
      const { page } = editor;
      if (dark) await page.evaluate(`document.documentElement.classList.add('nr-theme-dark')`);
      await page.evaluate(`RED.workspaces.show('demo-upload-tab')`);
      await editor.edit('demo-upload-in');
      await editor.tab('Body');
      assert.equal(await page.inputValue('#node-input-uploadDir'), '${DEMO_UPLOADS}');
      assert.ok(await page.isVisible('#node-input-uploadDir'));
      await editor.type('#node-input-maxFileSize', '50 apples');
      await page.waitForSelector('#node-input-maxFileSize.input-error');
      await editor.type('#node-input-maxFileSize', '50mb');
      await page.waitForSelector('#node-input-maxFileSize:not(.input-error)');
      await page.locator('#node-input-maxFiles').scrollIntoViewIfNeeded();
      await editor.shot(`upload-${dark ? 'dark' : 'light'}`);
      await page.selectOption('#node-input-upload', 'memory');
      assert.equal(await page.isVisible('#node-input-uploadDir'), false);
      await page.selectOption('#node-input-upload', 'off');
      assert.equal(await page.isVisible('#node-input-maxFiles'), false);
      await page.selectOption('#node-input-body', 'stream');
      assert.equal(await page.isVisible('#node-input-upload'), false);
      await editor.shot(`stream-${dark ? 'dark' : 'light'}`);
      await editor.finish('cancel');
    });

  it('one form in three encodings arrives alike and comes back without running', async () => {
    const { page } = editor;
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    for (const [button, type] of [
      ['Send urlencoded', 'application/x-www-form-urlencoded'],
      ['Send as multipart', 'multipart/form-data'],
      ['Send as plain text', 'text/plain'],
    ] as const) {
      await page.goto(`${url}/form.html`);
      if (type === 'multipart/form-data') await editor.shot('demo-form');
      await page.getByRole('button', { name: button }).click();
      await page.waitForSelector('h1:has-text("What you sent")');
      assert.equal(await page.textContent('p code'), type);
      assert.deepEqual(await page.locator('dt').allTextContents(), ['name', 'message']);
      assert.deepEqual(await page.locator('dd').allTextContents(), [
        'Žofie & Søren',
        '<script>alert("hello")</script>',
      ]);
    }
    assert.deepEqual(dialogs, []);
  });

  it('chosen and dropped files are stored, listed with links, and served in a sandbox', async () => {
    const { page } = editor;
    await page.goto(`${url}/upload.html`);
    await page.waitForSelector('#none:visible');
    await page.setInputFiles('#files', [
      { name: 'grüße.txt', mimeType: 'text/plain', buffer: Buffer.from('hello ü') },
      { name: 'big.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(20e6) },
    ]);
    await page.waitForSelector('#state:has-text("Stored: grüße.txt, big.bin")');
    await page.waitForSelector('#list li:nth-child(2)');
    await page.evaluate(`(() => {
      const data = new DataTransfer();
      data.items.add(new File(['<script>parent.ran = 1; document.title = "ran"</script>here'], 'page.html', { type: 'text/html' }));
      document.getElementById('drop').dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    })()`);
    await page.waitForSelector('#state:has-text("Stored: page.html")');
    await page.waitForSelector('#list li:nth-child(3)');
    await editor.shot('demo-upload');
    assert.equal(readdirSync(uploads).length, 3);
    const text = page.locator('#list a', { hasText: 'grüße' });
    assert.match((await text.textContent()) ?? '', /^grüße-[\da-f]{16}\.txt$/);
    await text.click();
    assert.equal(await page.textContent('body'), 'hello ü');
    await page.goto(`${url}/upload.html`);
    await page.locator('#list a', { hasText: 'page-' }).click();
    await page.waitForSelector('body:has-text("here")');
    assert.notEqual(await page.title(), 'ran');
  });

  it('a file over the limit is refused, the limit named, and nothing is left', async () => {
    const { page } = editor;
    await page.goto(`${url}/upload.html`);
    await page.evaluate(`(() => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(52.5e6)], 'huge.bin'));
      document.getElementById('drop').dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    })()`);
    // A browser that is still sending may see the end of the connection before the answer.
    await page.waitForSelector('#state:text-matches("Too much: LIMIT_FILE_SIZE|connection broke")', {
      timeout: 30_000,
    });
    await page.waitForFunction(`!document.getElementById('files').disabled`);
    assert.equal(readdirSync(uploads).length, 3);
  });
});
