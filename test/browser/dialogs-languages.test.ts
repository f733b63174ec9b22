/** Every dialog and every tab of it in each language, and the help beside it: no raw key, nothing cut off. Pictures of
 * Chinese and Japanese need a font with their characters. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { tourDialogs } from '../support/dialog-tour.js';
import { EditorBrowser } from '../support/editor-browser.js';
import { languages, textsOf } from '../support/locales.js';
import { NodeRedProcess, freePort } from '../support/node-red.js';

describe('the editor in other languages', () => {
  let nodeRed: NodeRedProcess;

  before(async () => {
    const server = { id: 'alone', type: 'http-server-config', host: '127.0.0.1', port: String(await freePort()) };
    nodeRed = await NodeRedProcess.start({ flows: [{ id: 'tab', type: 'tab', label: 'Home' }, server] });
  });
  after(() => nodeRed.stop());

  for (const language of languages) {
    tourDialogs({ name: language, language, axe: false }, () => nodeRed);

    it(`shows help and sidebar in ${language}`, async () => {
      const editor = await EditorBrowser.open(nodeRed, { language });
      try {
        const help = await editor.evaluate<string>(`RED.nodes.getNodeHelp('auth')`);
        assert.ok(help.includes(textsOf('nodes/auth', language).get('auth.label.rejected') ?? '?'));
        await editor.evaluate(`RED.actions.invoke('core:show-http-servers-tab')`);
        const text = textsOf('plugins/http-servers', language).get('http-servers.noDoor') ?? '?';
        await editor.page.locator('.http-servers', { hasText: text }).waitFor();
        await editor.shot(`sidebar-${language}`);
        await editor.evaluate(`RED.sidebar.help.show('auth', true)`);
        await editor.page.waitForTimeout(500);
        await editor.shot(`help-${language}`);
      } finally {
        await editor.close();
      }
    });
  }
});
