/**
 * Every dialog and every tab of it: no raw key, nothing cut off, readable by axe; light, dark, and on a screen little
 * wider than the 500 pixels that Node-RED gives a dialog at least.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { EditorBrowser } from '../support/editor-browser.js';
import { axeProblems } from '../support/axe.js';
import { NodeRedProcess, freePort, testedVersion } from '../support/node-red.js';
import { oneOfEach } from '../support/one-of-each.js';

const screens = [
  { name: 'light', dark: false, viewport: { width: 1400, height: 950 } },
  // Node-RED 4.1 has no dark theme.
  ...(testedVersion === '5.0' ? [{ name: 'dark', dark: true, viewport: { width: 1400, height: 950 } }] : []),
  { name: 'narrow', dark: false, viewport: { width: 560, height: 800 } },
];

for (const screen of screens) {
  describe(`the dialogs, ${screen.name}`, () => {
    let nodeRed: NodeRedProcess;
    let editor: EditorBrowser;
    const types = new Map<string, string>();

    before(async () => {
      const flow = oneOfEach(await freePort());
      nodeRed = await NodeRedProcess.start();
      editor = await EditorBrowser.open(nodeRed, screen);
      const known = await editor.evaluate<string[]>(
        `${JSON.stringify(flow.map(({ type }) => type))}.filter((type) => RED.nodes.getType(type))`,
      );
      const usable = flow.filter(({ type }) => known.includes(String(type)));
      await editor.import(usable);
      for (const { id, type } of usable) types.set(String(id), String(type));
    });
    after(async () => {
      await editor.close();
      await nodeRed.stop();
    });

    it('show every text and field within their width, with a name for every control', async () => {
      await editor.shot(`canvas-${screen.name}`);
      const problems: string[] = [];
      for (const [id, type] of types) {
        await editor.edit(id);
        const captions = await editor.captions();
        for (const [index, caption] of (captions.length > 0 ? captions : ['']).entries()) {
          if (caption !== '') await editor.tab(caption);
          await editor.shot(`dialog-${screen.name}-${id}-${index}`, 'dialog');
          const found = [
            ...(await editor.evaluate<string[]>(FLAWS)),
            // What axe looks at does not depend on the width.
            ...(screen.name === 'narrow' ? [] : await axeProblems(editor.page, '.http-server-form')),
          ];
          problems.push(...found.map((problem) => `${type} ${caption}: ${problem}`));
        }
        await editor.finish('cancel');
      }
      assert.equal(problems.join('\n'), '');
    });

    it('nothing in the page went wrong', () => {
      assert.deepEqual(editor.errors, []);
    });
  });
}

/** Keys of a catalog shown as they are, and elements that stick out of the form. */
const FLAWS = `(() => {
  const form = document.querySelector('.http-server-form');
  const frame = form.getBoundingClientRect();
  const found = [];
  for (const element of form.querySelectorAll('*')) {
    const box = element.getBoundingClientRect();
    if (box.width === 0 || box.height === 0) continue;
    if (box.right > frame.right + 1) found.push('sticks out: ' + element.outerHTML.slice(0, 100));
    const texts = [element.placeholder, element.title, element.getAttribute('aria-label')];
    for (const child of element.childNodes) if (child.nodeType === 3) texts.push(child.data);
    for (const text of texts) {
      if (/^\\s*(shared|[a-z]+(-[a-z]+)*)\\.[a-zA-Z]+\\.[a-zA-Z.]+\\s*$/.test(text ?? '') && !text.includes('msg.')) found.push('raw key: ' + text);
    }
  }
  return found;
})()`;
