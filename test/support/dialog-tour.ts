/** A tour through every dialog and every tab of it, in the real editor. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { axeProblems } from './axe.js';
import { EditorBrowser } from './editor-browser.js';
import { NodeRedProcess } from './node-red.js';
import { oneOfEach } from './one-of-each.js';

/** What the tour is made with. */
export interface TourScreen {
  /** For the names of the test and of the screenshots. */
  readonly name: string;
  readonly dark?: boolean;
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly language?: string;
  /** A screen for fingers: whatever is touched has to be large enough. */
  readonly touch?: boolean;
  /** Whether axe looks at each form as well: what it finds depends on the theme, not on width and language. */
  readonly axe: boolean;
}

/**
 * Declares the tests of a tour: no raw key, nothing cut off, and a name for every control.
 * @param running a Node-RED for several tours; without it the tour has its own
 */
export function tourDialogs({ name, axe, ...screen }: TourScreen, running?: () => NodeRedProcess): void {
  describe(`the dialogs, ${name}`, () => {
    let nodeRed: NodeRedProcess;
    let editor: EditorBrowser;
    const flow = oneOfEach(8080);

    before(async () => {
      nodeRed = running?.() ?? (await NodeRedProcess.start());
      editor = await EditorBrowser.open(nodeRed, screen);
      await editor.import(flow);
    });
    after(async () => {
      await editor.close();
      if (!running) await nodeRed.stop();
    });

    it('show every text and field within their width', async () => {
      await editor.shot(`canvas-${name}`);
      const problems: string[] = [];
      for (const { id, type } of flow as { id: string; type: string }[]) {
        await editor.edit(id);
        const captions = await editor.captions();
        for (const [index, caption] of (captions.length > 0 ? captions : ['']).entries()) {
          if (caption !== '') await editor.tab(caption);
          await editor.shot(`dialog-${name}-${id}-${index}`, 'dialog');
          const found = await editor.evaluate<string[]>(FLAWS);
          if (screen.touch === true) found.push(...(await editor.evaluate<string[]>(SMALL)));
          if (axe) found.push(...(await axeProblems(editor.page, '.http-server-form')));
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
  const right = Math.min(form.getBoundingClientRect().right, innerWidth);
  const found = [];
  for (const element of form.querySelectorAll('*')) {
    const box = element.getBoundingClientRect();
    if (box.width === 0 || box.height === 0) continue;
    if (box.right > right + 1) found.push('sticks out: ' + element.outerHTML.slice(0, 100));
    const texts = [element.placeholder, element.title, element.getAttribute('aria-label')];
    for (const child of element.childNodes) if (child.nodeType === 3) texts.push(child.data);
    for (const text of texts) {
      if (/^\\s*(shared|[a-z]+(-[a-z]+)*)\\.[a-zA-Z]+\\.[a-zA-Z.]+\\s*$/.test(text ?? '') && !text.includes('msg.')) found.push('raw key: ' + text);
    }
  }
  return found;
})()`;

/** What a finger has to hit and is smaller than the 24 pixels of WCAG 2.2 (2.5.8). A checkbox has its label beside it. */
const SMALL = `(() => {
  const found = [];
  for (const element of document.querySelectorAll('.http-server-form :is(button, a, input, select, textarea, label[for])')) {
    const box = element.getBoundingClientRect();
    const isLabelOfField = element.matches('.form-row:not(.http-server-check) > label');
    if (box.width === 0 || box.height === 0 || element.type === 'checkbox' || isLabelOfField) continue;
    if (box.width < 24 || box.height < 24) found.push('too small: ' + Math.round(box.width) + ' x ' + Math.round(box.height) + ' ' + element.outerHTML.slice(0, 100));
  }
  return found;
})()`;
