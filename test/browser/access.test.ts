/** Who may come in, as Chromium sees it: the credentials dialog, the question for the password, other origins, a login page. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Browser, type Page, chromium } from 'playwright-core';
import { EditorBrowser } from '../support/editor-browser.js';
import { LiveFlow } from '../support/live-flow.js';
import { type Flow, NodeRedProcess, freePort, projectRoot, testedVersion } from '../support/node-red.js';

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const args = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];

// Only Node-RED 5.0 has a dark theme.
for (const dark of testedVersion === '5.0' ? [false, true] : [false]) {
  const screen = dark ? 'dark' : 'light';
  describe(`the credentials dialog, ${screen}`, () => {
    let nodeRed: NodeRedProcess;
    let editor: EditorBrowser;
    let port: number;
    const password = 'correct horse';
    let token = '';

    before(async () => {
      port = await freePort();
      const flows = LiveFlow.flows(
        [
          { id: 'in', type: 'http-server-in', server: 'server', wires: [['auth']] },
          { id: 'auth', type: 'auth', access: '', wires: [['out']] },
          { id: 'out', type: 'http-server-response' },
        ],
        port,
      );
      nodeRed = await NodeRedProcess.start({ flows });
      editor = await EditorBrowser.open(nodeRed, { dark });
    });
    after(async () => {
      await editor.close();
      await nodeRed.stop();
    });

    it('takes a password, which is stored as a hash, and makes a token', async () => {
      const { page } = editor;
      await editor.edit('auth');
      await editor.shot(`auth-${screen}`);
      await page.click('#node-input-btn-access-add');
      await page.waitForSelector('#http-server-credentials-list', { state: 'attached' });
      await page.waitForTimeout(600);
      const add = page.locator('.http-server-list .red-ui-editableList-addButton').last();
      const row = (index: number): ReturnType<Page['locator']> =>
        page.locator('#http-server-credentials-list > li').nth(index);
      await add.click();
      await editor.type(row(0).locator('[data-part=username]'), 'ann');
      await editor.type(row(0).locator('[data-part=secret]'), password);
      await add.click();
      await row(1).locator('[data-part=scheme]').selectOption('bearer');
      await editor.type(row(1).locator('[data-part=name]'), 'sensor');
      await row(1).locator('[data-part=generate]').click();
      token = await row(1).locator('[data-part=secret]').inputValue();
      assert.match(token, /^[\w-]{43}$/);
      await add.click();
      await row(2).locator('[data-part=scheme]').selectOption('jwt');
      await row(2).locator('[data-part=key]').selectOption('jwksFile');
      await editor.type(row(2).locator('[data-part=jwksFile]'), '/etc/jwks.json');
      await add.click();
      await row(3).locator('[data-part=scheme]').selectOption('htpasswd');
      await editor.shot(`credentials-${screen}`);
      await row(2).locator('[data-part=key]').selectOption('publicKey');
      await editor.shot(`credentials-key-${screen}`);
      await row(3).locator('.red-ui-editableList-item-remove').click();
      await row(2).locator('.red-ui-editableList-item-remove').click();
      await page.waitForTimeout(400);
      await editor.finish();
      await editor.finish();
      await editor.deploy(nodeRed);
      const basic = (secret: string): Record<string, string> => ({
        Authorization: `Basic ${Buffer.from(`ann:${secret}`).toString('base64')}`,
      });
      const status = async (headers: Record<string, string>): Promise<number> =>
        (await fetch(`http://127.0.0.1:${port}/`, { headers })).status;
      assert.equal(await status({}), 401);
      assert.equal(await status(basic(password)), 200);
      assert.equal(await status(basic('wrong')), 401);
      assert.equal(await status({ Authorization: `Bearer ${token}` }), 200);
      const stored = readFileSync(join(nodeRed.userDir, 'flows_cred.json'), 'utf8');
      assert.match(stored, /\$2b\$10\$/);
      assert.ok(!stored.includes(password));
    });

    it('shows that a secret is set, never the secret, and keeps what is not touched', async () => {
      const { page } = editor;
      await page.reload();
      await page.waitForFunction(`window.RED?.nodes?.getType?.('file-response') && RED.workspaces?.active()`);
      await page.waitForTimeout(1000);
      if (dark) await page.evaluate(`document.documentElement.classList.add('nr-theme-dark')`);
      const id = await editor.property<string>('auth', 'access');
      await editor.edit(id);
      const secrets = page.locator('#http-server-credentials-list [data-part=secret]');
      assert.equal(await secrets.count(), 2);
      for (const index of [0, 1]) {
        assert.equal(await secrets.nth(index).inputValue(), '');
        assert.match((await secrets.nth(index).getAttribute('placeholder')) ?? '', /set – type to replace it/);
      }
      await editor.shot(`credentials-set-${screen}`);
      const whole = await page.content();
      assert.ok(!whole.includes(token) && !whole.includes(password));
      await editor.type(page.locator('#node-config-input-realm'), 'Home');
      await editor.finish();
      await editor.deploy(nodeRed);
      const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { Authorization: `Bearer ${token}` } });
      assert.equal(answer.status, 200);
      const refused = await fetch(`http://127.0.0.1:${port}/`);
      assert.match(refused.headers.get('www-authenticate') ?? '', /realm="Home"/);
    });

    it('nothing in the page went wrong', () => {
      assert.deepEqual(editor.errors, []);
    });
  });
}

describe('in a browser', () => {
  let flow: LiveFlow;
  let browser: Browser;
  let api: string;
  const page = `<!doctype html><title>a page</title><h1>hello</h1>`;

  before(async () => {
    const apiPort = await freePort();
    api = `http://127.0.0.1:${apiPort}`;
    const port = await freePort();
    const nodes: Flow = [
      {
        id: 'staff',
        type: 'http-server-credentials',
        realm: 'Staff',
        list: [{ slot: 1, scheme: 'basic', username: 'ann' }],
      },
      {
        id: 'apps',
        type: 'http-server-credentials',
        list: [
          { slot: 1, scheme: 'bearer', name: 'app', from: 'cookie:app' },
          { slot: 2, scheme: 'bearer', name: 'header' },
        ],
      },
      {
        id: 'api',
        type: 'http-server-config',
        host: '127.0.0.1',
        port: String(apiPort),
        access: 'apps',
        cors: { origins: [`http://127.0.0.1:${port}`], credentials: true, exposeHeaders: ['X-Total'] },
      },
      { id: 'in', type: 'http-server-in', server: 'server', path: '/open', wires: [['page']] },
      { id: 'private', type: 'http-server-in', server: 'server', path: '/private', wires: [['guard']] },
      { id: 'guard', type: 'auth', access: 'staff', wires: [['page']] },
      { id: 'page', type: 'template', template: page, field: 'payload', syntax: 'plain', wires: [['html']] },
      { id: 'html', type: 'http-server-response' },
      { id: 'api-in', type: 'http-server-in', server: 'api', wires: [['route']] },
      {
        id: 'route',
        type: 'route',
        rules: [{ path: '/events' }, { methods: [], path: '/*' }],
        otherwise: '404',
        outputs: 2,
        wires: [['sse'], ['who']],
      },
      { id: 'sse', type: 'sse-out', server: 'api', wires: [[]] },
      {
        id: 'who',
        type: 'function',
        func: "msg.headers = { 'X-Total': '7' }; msg.payload = msg.req.user; return msg;",
        wires: [['json']],
      },
      { id: 'json', type: 'http-server-response' },
    ];
    const flows = LiveFlow.flows(nodes, port);
    const nodeRed = await NodeRedProcess.start({
      flows,
      credentials: { staff: { secret1: 'swordfish' }, apps: { secret1: 'cookie-token', secret2: 'header-token' } },
    });
    flow = {
      nodeRed,
      port,
      url: (path: string) => `http://127.0.0.1:${port}${path}`,
      stop: () => nodeRed.stop(),
    } as LiveFlow;
    browser = await chromium.launch({ executablePath, args });
  });
  after(async () => {
    await browser.close();
    await flow.stop();
  });

  /** Runs a script in a page and resolves with what it returns, or the name of its error. */
  async function run<T>(where: Page, script: string): Promise<T> {
    return where.evaluate(`(async () => { try { ${script} } catch (error) { return error.name; } })()`);
  }

  it('the question for the password is answered, and a wrong answer is not let in', async () => {
    const known = await browser.newContext({ httpCredentials: { username: 'ann', password: 'swordfish' } });
    const right = await known.newPage();
    assert.equal((await right.goto(flow.url('/private')))?.status(), 200);
    assert.equal(await right.textContent('h1'), 'hello');
    await known.close();
    const unknown = await browser.newContext({ httpCredentials: { username: 'ann', password: 'shark' } });
    const wrong = await unknown.newPage();
    const answer = await wrong.goto(flow.url('/private')).catch(() => null);
    assert.ok(answer === null || answer.status() === 401);
    await unknown.close();
  });

  it('T62 a page of a listed origin reads the API with preflight, header and cookie; a stranger reads nothing', async () => {
    const context = await browser.newContext();
    await context.addCookies([{ name: 'app', value: 'cookie-token', url: api }]);
    const listed = await context.newPage();
    await listed.goto(flow.url('/open'));
    const put = `const answer = await fetch('${api}/a', { method: 'PUT', headers: { Authorization: 'Bearer header-token', 'Content-Type': 'application/json' }, body: '{}' });
      return [answer.status, (await answer.json()).name, answer.headers.get('x-total')];`;
    assert.deepEqual(await run(listed, put), [200, 'header', '7']);
    const withCookie = `const answer = await fetch('${api}/a', { credentials: 'include' }); return [answer.status, (await answer.json()).name];`;
    assert.deepEqual(await run(listed, withCookie), [200, 'app']);
    const refused = `const answer = await fetch('${api}/a'); return answer.status;`;
    assert.equal(await run(listed, refused), 401, 'even the refusal can be read');
    const events = `const source = new EventSource('${api}/events', { withCredentials: true });
      await new Promise((done, fail) => { source.onopen = done; source.onerror = () => fail(new Error('closed')); });
      source.close(); return 'open';`;
    assert.equal(await run(listed, events), 'open');

    const stranger = await context.newPage();
    // The same server by another name is another origin.
    await stranger.goto(flow.url('/open').replace('127.0.0.1', 'localhost'));
    for (const script of [put, withCookie, refused]) assert.equal(await run(stranger, script), 'TypeError');
    await context.close();
  });

  it('the login page of the examples lets in, remembers, and forgets', async () => {
    const example = JSON.parse(readFileSync(join(projectRoot, 'examples', '31 Login page.json'), 'utf8')) as Flow;
    const port = await freePort();
    const credentials = example.find((node) => node['type'] === 'http-server-credentials');
    const nodeRed = await NodeRedProcess.start({
      flows: example.map((node) =>
        node['type'] === 'http-server-config' ? { ...node, host: '127.0.0.1', port: String(port) } : node,
      ),
      credentials: { [String(credentials?.['id'])]: { secret1: 'swordfish' } },
    });
    const context = await browser.newContext();
    const login = await context.newPage();
    await login.goto(`http://127.0.0.1:${port}/members`);
    assert.match(login.url(), /\/login$/);
    const send = async (password: string): Promise<void> => {
      await login.fill('[name=name]', 'ann');
      await login.fill('[name=password]', password);
      await Promise.all([login.waitForNavigation(), login.click('button')]);
    };
    await send('shark');
    assert.match(login.url(), /failed=1$/);
    assert.equal(await login.textContent('[role=alert]'), 'That was not right.');
    await send('swordfish');
    assert.match(login.url(), /\/members$/);
    assert.match((await login.textContent('main')) ?? '', /Hello ann\./);
    const [cookie] = await context.cookies();
    assert.equal(cookie?.httpOnly, true);
    assert.equal(cookie.sameSite, 'Strict');
    await Promise.all([login.waitForNavigation(), login.click('button')]);
    assert.match(login.url(), /\/login$/);
    await login.goto(`http://127.0.0.1:${port}/members`);
    assert.match(login.url(), /\/login$/);
    await context.close();
    await nodeRed.stop();
  });
});
