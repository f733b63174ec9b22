/** The real Node-RED editor in a real Chromium, driven as a person drives it. Screenshots go to test-output/. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, ElementHandle, Locator, Page } from 'playwright-core';
import { startChromium } from './chromium.js';
import { type Flow, type NodeRedProcess, projectRoot, testedVersion } from './node-red.js';

/** How long the editor takes to slide a dialog in or out. */
const SLIDE = 500;

/** Longer than two clicks of a double click are apart, in milliseconds. */
const DOUBLE_CLICK = 450;

/** The editor of a running Node-RED. */
export class EditorBrowser {
  readonly page: Page;
  /** Errors of scripts in the page, ours or not. */
  readonly errors: string[] = [];
  readonly #browser: Browser;

  private constructor(browser: Browser, page: Page) {
    this.#browser = browser;
    this.page = page;
    page.on('pageerror', (error) => this.errors.push(error.message));
  }

  /** Opens the editor and waits until our node types are in the palette; `touch` makes it a screen without a mouse. */
  static async open(
    nodeRed: NodeRedProcess,
    { dark = false, viewport = { width: 1400, height: 950 }, language = 'en-US', touch = false } = {},
  ): Promise<EditorBrowser> {
    const browser = await startChromium();
    const page = await browser.newPage({ viewport, hasTouch: touch, isMobile: touch });
    await page.addInitScript(`localStorage.setItem('editor-language', '${language}')`);
    const editor = new EditorBrowser(browser, page);
    await page.goto(`http://127.0.0.1:${nodeRed.port}/`);
    await page.waitForFunction(`window.RED?.nodes?.getType?.('file-response') && RED.workspaces?.active()`);
    await page.waitForSelector('.red-ui-palette-node[data-palette-type="file-response"]', { state: 'attached' });
    await page.waitForTimeout(SLIDE);
    // A dialog needs the width that palette and sidebar take.
    if (viewport.width < 900)
      await page.evaluate(
        `RED.actions.invoke('core:toggle-palette', false); RED.actions.invoke('core:toggle-sidebar', false);`,
      );
    if (dark) await page.evaluate(`document.documentElement.classList.add('nr-theme-dark')`);
    return editor;
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }

  /** Drags a node from the palette to a place of the workspace; resolves with its id. */
  async drop(type: string, x: number, y: number): Promise<string> {
    const item = this.page.locator(`.red-ui-palette-node[data-palette-type="${type}"]`);
    const before = await this.#nodeIds();
    // Waits until the item stands still and nothing lies over it, such as the shade of a deploy.
    await item.hover();
    const chart = await this.page.locator('#red-ui-workspace-chart').boundingBox();
    if (!chart) throw new Error('The workspace is not shown');
    await this.page.mouse.down();
    await this.page.mouse.move(chart.x + x - 20, chart.y + y, { steps: 4 });
    await this.page.mouse.move(chart.x + x, chart.y + y, { steps: 4 });
    await this.page.mouse.up();
    const added = await this.page.waitForFunction(`(() => {
      let added = null;
      RED.nodes.eachNode((node) => { if (!${JSON.stringify(before)}.includes(node.id)) added = node.id; });
      return added;
    })()`);
    return (await added.jsonValue()) as string;
  }

  /** Draws a wire from an output to the input of another node. */
  async wire(from: string, output: number, to: string): Promise<void> {
    const start = await this.#port(from, `.red-ui-flow-port-output .red-ui-flow-port`, output);
    const end = await this.#port(to, `.red-ui-flow-port-input .red-ui-flow-port`, 0);
    await this.page.mouse.move(start.x, start.y);
    await this.page.mouse.down();
    await this.page.mouse.move((start.x + end.x) / 2, (start.y + end.y) / 2, { steps: 4 });
    await this.page.mouse.move(end.x, end.y, { steps: 4 });
    await this.page.mouse.up();
  }

  /** Opens the edit dialog of a node. */
  async edit(id: string): Promise<void> {
    await this.page.evaluate(`(() => {
      const node = RED.nodes.node(${JSON.stringify(id)});
      if (node._def.category === 'config') RED.editor.editConfig('', node.type, node.id);
      else RED.editor.edit(node);
    })()`);
    await this.page.waitForSelector('.http-server-form');
    await this.page.waitForTimeout(SLIDE);
  }

  /** Closes the topmost dialog with its main button, or with Cancel. */
  async finish(button: 'ok' | 'cancel' = 'ok'): Promise<void> {
    await this.page.locator(`#node-config-dialog-${button}:visible, #node-dialog-${button}:visible`).last().click();
    await this.page.waitForTimeout(SLIDE);
  }

  /** Types text into a field in place of what it holds, key by key, as Node-RED's checks listen to keys. */
  async type(field: string | Locator, text: string): Promise<void> {
    const input = typeof field === 'string' ? this.page.locator(field) : field;
    await input.fill('');
    await input.pressSequentially(text);
  }

  /** Drags with a finger from the middle of one element to the upper edge of another. */
  async swipe(from: Locator, to: Locator): Promise<void> {
    const start = await from.boundingBox();
    const end = await to.boundingBox();
    if (!start || !end) throw new Error('Nothing to drag there');
    const session = await this.page.context().newCDPSession(this.page);
    const x = start.x + start.width / 2;
    const y = start.y + start.height / 2;
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', at?: number): Promise<unknown> =>
      session.send('Input.dispatchTouchEvent', { type, touchPoints: at === undefined ? [] : [{ x, y: at }] });
    await touch('touchStart', y);
    for (let step = 1; step <= 10; step += 1) await touch('touchMove', y + ((end.y - y) * step) / 10);
    await touch('touchEnd');
    await session.detach();
    await this.page.waitForTimeout(SLIDE);
  }

  /** The captions of the tabs of the open dialog. */
  captions(): Promise<string[]> {
    return this.page.locator('.http-server-form .red-ui-tab a').allInnerTexts();
  }

  /** Chooses a tab of the open dialog by its caption. */
  async tab(caption: string): Promise<void> {
    const tabs = this.page.locator('.http-server-form .red-ui-tab');
    const active = this.page.locator('.http-server-form .red-ui-tab.active', { hasText: caption });
    if ((await active.count()) > 0) return;
    // Node-RED takes two clicks on a row of tabs within 400 ms for a double click, whichever tabs they hit.
    await this.page.waitForTimeout(DOUBLE_CLICK);
    await tabs.locator('a', { hasText: caption }).click();
    await active.waitFor();
  }

  /** Presses Deploy and waits until the runtime has the flows and the editor takes the mouse again. */
  async deploy(nodeRed: NodeRedProcess): Promise<void> {
    const from = nodeRed.log.length;
    await this.page.click('#red-ui-header-button-deploy');
    const confirm = this.page.locator(
      '#node-dialog-confirm-deploy-deploy:visible, .red-ui-notification button.primary:visible',
    );
    await Promise.race([
      nodeRed.waitForLog(/Started (modified )?(flows|nodes)/, 30_000, from),
      confirm
        .first()
        .click({ timeout: 30_000 })
        .catch(() => undefined),
    ]);
    await nodeRed.waitForLog(/Started (modified )?(flows|nodes)/, 30_000, from);
    // The editor stays shaded for a moment after the runtime has answered, and takes no click or drag until then.
    await this.page.waitForSelector('#red-ui-palette-shade', { state: 'hidden' });
  }

  /** Puts a flow into the workspace, with its ids as they are. */
  async import(flow: Flow): Promise<void> {
    await this.page.evaluate(`(() => {
      const flow = ${JSON.stringify(flow)}.map((node) => ('x' in node ? { ...node, z: RED.workspaces.active() } : node));
      RED.view.importNodes(flow, { generateIds: false, addFlow: false, touchImport: true, notify: false });
    })()`);
    await this.page.waitForTimeout(SLIDE);
  }

  /** A property of a node as the editor holds it. */
  property<T>(id: string, name: string): Promise<T> {
    return this.page.evaluate(`RED.nodes.node(${JSON.stringify(id)})[${JSON.stringify(name)}]`);
  }

  /** Runs an expression in the page. */
  evaluate<T>(expression: string): Promise<T> {
    return this.page.evaluate(expression);
  }

  /** A screenshot, named after the version and what it shows; of the open dialog only, or of the whole page. */
  async shot(name: string, of: 'page' | 'dialog' = 'page'): Promise<void> {
    const folder = join(projectRoot, 'test-output');
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `editor-${testedVersion}-${name}.png`);
    if (of === 'dialog') await this.page.locator('.red-ui-tray').last().screenshot({ path });
    else await this.page.screenshot({ path });
  }

  #nodeIds(): Promise<string[]> {
    return this.page.evaluate(
      `(() => { const ids = []; RED.nodes.eachNode((node) => { ids.push(node.id); }); return ids; })()`,
    );
  }

  async #port(id: string, selector: string, index: number): Promise<{ x: number; y: number }> {
    const ports: ElementHandle[] = await this.page.$$(`[id="${id}"] ${selector}`);
    const box = await ports[index]?.boundingBox();
    if (!box) throw new Error(`${id} has no port ${index}`);
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  }
}
