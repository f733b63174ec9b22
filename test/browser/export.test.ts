/** T84: what the editor's Export gives out, by text, clipboard and file, holds no secret: not of stored entries, nor of those just typed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { EditorBrowser } from '../support/editor-browser.js';
import { LiveFlow } from '../support/live-flow.js';
import { NodeRedProcess, freePort } from '../support/node-red.js';
import { selfSigned } from '../support/self-signed.js';

const site = selfSigned();
const hash = '$2b$04$IwvxE.tfycKT4eNXl5nl7Oi./6Wfmr0gdLZZ8gtTm.cTXa1wheEOu';
/** What is stored, by credential. */
const stored = {
  secret1: 'pa55word-3f9c',
  secret2: hash,
  secret3: 't0ken-71ab',
  secret4: 'b3arer-90fa',
  secret5: 'jwt-s3cret-of-32-bytes-and-more-0001',
  secret6: site.cert,
  entries: JSON.stringify([{ scheme: 'basic', username: 'joe', password: 'wr1tten-by-hand-5d5d' }]),
};
const certificate = { certdata: site.cert, keydata: site.key, passphrase: 'pa55phrase-22de' };
/** What is typed into the dialog, and not deployed. */
const typed = { password: 'typ3d-pa55word-81c0', secret: 'typ3d-jwt-s3cret-of-more-than-32-bytes' };

/** Text as JSON holds it, so that line ends of a key are found too. */
const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

describe('T84 the export of the editor', () => {
  let nodeRed: NodeRedProcess;
  let editor: EditorBrowser;
  const secrets = [
    ...Object.values(stored).filter((text) => text !== site.cert && text !== stored.entries),
    'wr1tten-by-hand-5d5d',
    certificate.keydata,
    certificate.passphrase,
    ...Object.values(typed),
  ];

  before(async () => {
    const list = [
      { slot: 1, scheme: 'basic', username: 'ann' },
      { slot: 2, scheme: 'basic', username: 'bob' },
      { slot: 3, scheme: 'token', name: 'kiosk' },
      { slot: 4, scheme: 'bearer', name: 'sensor', from: 'cookie:sensor' },
      { slot: 5, scheme: 'jwt', key: 'secret', issuer: 'https://id.example.org' },
      { slot: 6, scheme: 'jwt', key: 'publicKey' },
    ];
    const flows = LiveFlow.flows(
      [
        { id: 'staff', type: 'http-server-credentials', list },
        { id: 'tls', type: 'tls-config', name: '', cert: '', key: '', ca: '', certname: 'c', keyname: 'k', caname: '' },
        { id: 'in', type: 'http-server-in', server: 'server', wires: [['auth']] },
        { id: 'auth', type: 'auth', access: 'staff', wires: [['out']] },
        { id: 'out', type: 'http-server-response' },
      ],
      await freePort(),
      { tls: 'tls', access: 'staff' },
    );
    nodeRed = await NodeRedProcess.start({ flows, credentials: { staff: stored, tls: certificate } });
    editor = await EditorBrowser.open(nodeRed);
    await editor.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  });
  after(async () => {
    await editor.close();
    await nodeRed.stop();
  });

  /** Opens Menu → Export with all flows as formatted JSON. */
  async function openExport(): Promise<void> {
    const { page } = editor;
    await page.click('#red-ui-header-button-sidemenu');
    await page.click('#menu-item-export');
    await page.click('#red-ui-clipboard-dialog-export-rng-full');
    await page.locator('#red-ui-clipboard-dialog-export-tab-clipboard-tabs a', { hasText: 'JSON' }).click();
    await page.click('#red-ui-clipboard-dialog-export-fmt-full');
  }

  /** The export as text of the dialog, as the clipboard and as the file. */
  async function exported(): Promise<Record<string, string>> {
    const { page } = editor;
    await openExport();
    const shown = await page.inputValue('#red-ui-clipboard-dialog-export-text');
    await editor.shot('export');
    await page.click('#red-ui-clipboard-dialog-export');
    const copied = await page.evaluate<string>('navigator.clipboard.readText()');
    await openExport();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.click('#red-ui-clipboard-dialog-download'),
    ]);
    return { shown, copied, downloaded: readFileSync(await download.path(), 'utf8') };
  }

  /** Asserts that the export holds the entries, and none of the secrets. */
  function assertClean(texts: Record<string, string>, hidden: readonly string[]): void {
    for (const [where, text] of Object.entries(texts)) {
      for (const name of ['"staff"', '"ann"', '"bob"', '"kiosk"', '"sensor"', '"https://id.example.org"'])
        assert.ok(text.includes(name), `${where} lacks ${name}`);
      for (const secret of hidden) assert.ok(!text.includes(inJson(secret)), `${where} holds ${secret}`);
      assert.doesNotMatch(
        text,
        /"secret\d|"credentials":|\$2[aby]\$|PRIVATE KEY|"(password|token|passphrase)":/,
        where,
      );
    }
  }

  it('holds no secret that is stored', async () => {
    assertClean(await exported(), secrets);
  });

  it('holds none that was just typed, as it is or as a hash', async () => {
    const { page } = editor;
    await editor.edit('staff');
    const secret = (index: number): ReturnType<typeof page.locator> =>
      page.locator('#http-server-credentials-list > li').nth(index).locator('[data-part=secret]');
    await editor.type(secret(0), typed.password);
    await page.locator('#http-server-credentials-list > li').nth(3).locator('[data-part=generate]').click();
    const made = await secret(3).inputValue();
    await editor.type(secret(4), typed.secret);
    await editor.finish();
    const held = await editor.property<Record<string, string>>('staff', 'credentials');
    assert.match(held['secret1'] ?? '', /^\$2b\$10\$/);
    assert.deepEqual([held['secret4'], held['secret5']], [made, typed.secret]);
    const fresh = [...secrets, held['secret1'] ?? '', made];
    assertClean(await exported(), fresh);

    await editor.deploy(nodeRed);
    assertClean(await exported(), fresh);
  });

  it('nothing in the page went wrong', () => {
    assert.deepEqual(editor.errors, []);
  });
});
