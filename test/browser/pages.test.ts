/** What we serve to people: listings, error pages and the demo site, looked at by axe. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { axeProblems } from '../support/axe.js';
import { startChromium } from '../support/chromium.js';
import { type Flow, NodeRedProcess, freePort, projectRoot } from '../support/node-red.js';
import { waitFor } from '../support/wait-for.js';

describe('the pages people see', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pages-'));
  let nodeRed: NodeRedProcess;
  let browser: Awaited<ReturnType<typeof startChromium>>;
  let page: Page;
  let files: string;
  let demo: string;

  before(async () => {
    mkdirSync(join(folder, 'folder'));
    writeFileSync(join(folder, 'page <1>.html'), '');
    const [filesPort, demoPort] = [await freePort(), await freePort()];
    files = `http://127.0.0.1:${filesPort}`;
    demo = `http://127.0.0.1:${demoPort}`;
    const flows = readdirSync(join(projectRoot, 'demo', 'flows')).flatMap(
      (name) => JSON.parse(readFileSync(join(projectRoot, 'demo', 'flows', name), 'utf8')) as Flow,
    );
    nodeRed = await NodeRedProcess.start({
      env: {
        DEMO_PORT: String(demoPort),
        DEMO_SITE: join(projectRoot, 'demo', 'site'),
        DEMO_UPLOADS: join(folder, 'folder'),
      },
      flows: [
        ...flows,
        { id: 'p', type: 'tab' },
        { id: 'ps', type: 'http-server-config', host: '127.0.0.1', port: String(filesPort) },
        { id: 'pi', type: 'http-server-in', z: 'p', server: 'ps', x: 0, y: 0, wires: [['pf']] },
        { id: 'pf', type: 'file-response', z: 'p', rootPath: folder, listing: true, x: 0, y: 0, wires: [] },
      ],
    });
    browser = await startChromium();
    page = await browser.newPage();
    await waitFor('both servers', async () =>
      (await fetch(files).catch(() => null)) && (await fetch(demo).catch(() => null)) ? true : undefined,
    );
  });
  after(async () => {
    await browser.close();
    await nodeRed.stop();
    rmSync(folder, { recursive: true });
  });

  async function look(url: string): Promise<void> {
    await page.goto(url);
    assert.equal((await axeProblems(page)).join('\n'), '', url);
  }

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`a listing can be read and used by everyone, ${colorScheme}`, async () => {
      await page.emulateMedia({ colorScheme });
      await look(`${files}/`);
      await look(`${files}/folder/`);
    });

    it(`every page of the demo can be read and used by everyone, ${colorScheme}`, async () => {
      await page.emulateMedia({ colorScheme });
      const pages = readdirSync(join(projectRoot, 'demo', 'site')).filter((name) => name.endsWith('.html'));
      for (const name of pages) await look(`${demo}/${name}`);
    });
  }

  it('an error page is plain text that says what is wrong', async () => {
    const answer = await page.goto(`${files}/nowhere`);
    assert.equal(answer?.status(), 404);
    assert.match(answer?.headers()['content-type'] ?? '', /^text\/plain/);
    assert.equal(await page.innerText('body'), 'File not found');
  });
});
