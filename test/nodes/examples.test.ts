/** Every example of the Import menu: as it should be written, deployed, and tried by real requests. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { nodeNames } from '../support/editor-page.js';
import { example } from '../support/example.js';
import { type Flow, NodeRedProcess, projectRoot } from '../support/node-red.js';
import { waitFor } from '../support/wait-for.js';

const folder = join(projectRoot, 'examples');
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace(/\.json$/, ''));

/** Where an example answers. */
interface Place {
  /** The address of its server, without a slash at the end. */
  readonly url: string;
  readonly nodeRed: NodeRedProcess;
}

type Visit = (place: Place) => Promise<void>;

/** What is typed into the credentials of an example, which carries none. */
const password = 'swordfish';

const json = { 'Content-Type': 'application/json' };

/** Asks and holds the answer to a status and a text. */
async function expect(url: string, status: number, text: RegExp, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  assert.equal(response.status, status, url);
  assert.match(await response.clone().text(), text, url);
  return response;
}

/** An example whose own test tries everything it shows: here, that it runs. */
const answers =
  (path: string, status = 200): Visit =>
  async ({ url }) => {
    await expect(url + path, status, /^/);
  };

/** How each example is tried. An example without an entry fails: add one. */
const visits: Readonly<Record<string, Visit>> = {
  '01 Hello': async ({ url }) => {
    await expect(`${url}/`, 200, /<h1>Hello from Node-RED<\/h1>\n<p>You are 127\.0\.0\.1/);
  },
  '02 Parameters and wildcards': async ({ url }) => {
    await expect(`${url}/device/a%20b`, 200, /^\{"id":"a b"\}$/);
    await expect(`${url}/device/7/`, 200, /^\{"id":"7"\}$/);
    await expect(`${url}/device/7/on`, 200, /"state":"on"/, { method: 'POST' });
    await expect(`${url}/files/any/path`, 200, /^any\/path$/);
    await expect(`${url}/greet?name=%3Cb%3E`, 200, /Hello &lt;b&gt;/);
    await expect(`${url}/device/7/on`, 405, /^/, { method: 'DELETE' });
  },
  '03 REST resource': async ({ url }) => {
    const body = JSON.stringify({ text: 'milk' });
    const made = await expect(`${url}/notes`, 201, /"text":"milk"/, { method: 'POST', headers: json, body });
    const { id } = (await made.json()) as { id: number };
    await expect(`${url}/notes/${id}`, 200, /"milk"/);
    const change = JSON.stringify({ text: 'bread' });
    await expect(`${url}/notes/${id}`, 200, /"bread"/, { method: 'PUT', headers: json, body: change });
    await expect(`${url}/notes/${id}`, 200, /"bread"/, { method: 'DELETE' });
    await expect(`${url}/notes/${id}`, 404, /^/);
    const options = await expect(`${url}/notes`, 204, /^$/, { method: 'OPTIONS' });
    assert.match(options.headers.get('allow') ?? '', /POST/);
  },
  '04 Static site': async ({ url }) => {
    await expect(`${url}/package.json`, 200, /"name"/);
    const part = await expect(`${url}/package.json`, 206, /^\{/, { headers: { Range: 'bytes=0-9' } });
    assert.equal(part.headers.get('content-length'), '10');
    await expect(`${url}/nowhere`, 404, /There is no (&#x2F;|\/)nowhere/);
  },
  '05 Upload': async ({ url, nodeRed }) => {
    await expect(`${url}/`, 200, /<form action="\/upload" method="post" enctype="multipart\/form-data">/);
    const form = new FormData();
    form.append('note', 'for you');
    form.append('files', new Blob(['hello'], { type: 'text/plain' }), 'grüße.txt');
    const stored = await expect(`${url}/upload`, 201, /"note":"for you"/, { method: 'POST', body: form });
    const { files } = (await stored.json()) as { files: { originalname: string; path: string }[] };
    assert.equal(files[0]?.originalname, 'grüße.txt');
    assert.equal(readFileSync(join(nodeRed.userDir, files[0].path), 'utf8'), 'hello');
  },
  '06 Forms': async ({ url }) => {
    await expect(`${url}/`, 200, /three encodings/);
    const name = '<b>you & me</b>';
    const multipart = new FormData();
    multipart.append('name', name);
    const bodies: [type: string, init: RequestInit][] = [
      ['application/x-www-form-urlencoded', { body: new URLSearchParams({ name }) }],
      ['multipart/form-data', { body: multipart }],
      ['text/plain', { body: `name=${name}\r\n`, headers: { 'Content-Type': 'text/plain' } }],
    ];
    for (const [type, init] of bodies) {
      const answer = await expect(`${url}/form`, 200, /Hello, &lt;b&gt;you &amp; me&lt;\/b&gt;!/, {
        method: 'POST',
        ...init,
      });
      assert.match(await answer.text(), new RegExp(`Sent as ${type}\\.`));
    }
  },
  '07 Cookies': async ({ url }) => {
    const first = await expect(`${url}/`, 200, /^Visit number 1$/);
    const [cookie = ''] = first.headers.getSetCookie();
    assert.match(cookie, /^visits=1; Path=\/; Max-Age=604800; .*HttpOnly; SameSite=Lax$/);
    const second = await expect(`${url}/`, 200, /^Visit number 2$/, {
      headers: { Cookie: cookie.split(';')[0] ?? '' },
    });
    assert.match(second.headers.getSetCookie()[0] ?? '', /^visits=2;/);
    const gone = await expect(`${url}/forget`, 200, /^Forgotten$/);
    assert.match(gone.headers.getSetCookie()[0] ?? '', /^visits=; Path=\/; Expires=Thu, 01 Jan 1970/);
  },
  '10 SSE dashboard': answers('/'),
  '11 WebSocket chat': answers('/'),
  '12 Camera stream': answers('/'),
  '13 Scale out by MQTT': answers('/', 404),
  '20 Redirects and errors': async ({ url }) => {
    await expect(`${url}/`, 200, /<h1>Redirects and errors/);
    const moved = await expect(`${url}/old/news`, 301, /^/);
    assert.equal(moved.headers.get('location'), '/');
    await expect(`${url}/send`, 303, /^/, { method: 'POST' });
    await expect(`${url}/teapot`, 418, /^I'm a teapot$/);
    await expect(`${url}/divide/8`, 200, /^\{"result":12\.5\}$/);
    await expect(`${url}/divide/0`, 500, /Cannot divide by 0/);
    await expect(`${url}/nowhere`, 404, /There is no (&#x2F;|\/)nowhere/);
  },
  '21 Live control of an output': async ({ url }) => {
    const put = (on: unknown): RequestInit => ({ method: 'PUT', headers: json, body: JSON.stringify({ on }) });
    await expect(`${url}/`, 200, /<h1>Lamp/);
    await expect(`${url}/lamp`, 200, /^\{"on":false\}$/);
    await expect(`${url}/lamp`, 200, /^\{"on":true\}$/, put(true));
    await expect(`${url}/lamp/toggle`, 200, /^\{"on":false\}$/, { method: 'POST' });
    await expect(`${url}/lamp`, 400, /send/, put('yes'));
    await expect(`${url}/lamp/toggle`, 405, /^/);
  },
  '22 Core nodes mixed in': async ({ url, nodeRed }) => {
    await expect(`${url}/hello?name=You`, 200, /<h1>Hello You<\/h1>/);
    await expect(`${url}/slow`, 200, /^done$/);
    await expect(`${url}/a/b?c=d`, 200, /"method":"GET","path":"\/a\/b","query":\{"c":"d"\},"ip":"127\.0\.0\.1"/);
    await expect(`http://127.0.0.1:${nodeRed.port}/mixed/7`, 200, /^\{"id":"7"\}$/);
  },
  '33 Control a server': async ({ url, nodeRed }) => {
    const flow = (await (await nodeRed.admin('/flows')).json()) as Flow;
    const press = async (name: string): Promise<void> => {
      const button = flow.find((node) => node['type'] === 'inject' && node['name'] === name);
      assert.equal((await nodeRed.admin(`/inject/${String(button?.['id'])}`, { method: 'POST' })).status, 200);
    };
    const isOpen = (): Promise<boolean> =>
      fetch(url).then(
        () => true,
        () => false,
      );
    await expect(`${url}/`, 200, /<h1>Open/);
    await press('stop');
    await waitFor('a closed port', async () => !(await isOpen()));
    await press('start');
    await waitFor('an open port', isOpen);
  },
  '34 Health endpoint': async ({ url }) => {
    const answer = await expect(`${url}/health`, 200, /"state":"listening".*"longestStall":/);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
  },
  '30 Password': async ({ url }) => {
    const login = `Basic ${Buffer.from(`ann:${password}`).toString('base64')}`;
    const refused = await expect(`${url}/`, 401, /^Unauthorized$/);
    assert.match(refused.headers.get('www-authenticate') ?? '', /^Basic realm="Node-RED"/);
    await expect(`${url}/`, 200, /You are ann\./, { headers: { Authorization: login } });
  },
  '31 Login page': async ({ url }) => {
    const send = (path: string, fields: Record<string, string>, cookie = ''): Promise<Response> =>
      expect(url + path, 303, /^/, { method: 'POST', body: new URLSearchParams(fields), headers: { Cookie: cookie } });
    const stranger = await expect(`${url}/members`, 303, /^/);
    assert.equal(stranger.headers.get('location'), '/login');
    await expect(`${url}/login`, 200, /<form method="post" action="\/login">/);
    const failed = await send('/login', { name: 'ann', password: 'shark' });
    assert.equal(failed.headers.get('location'), '/login?failed=1');
    await expect(`${url}/login?failed=1`, 200, /role="alert"/);
    const entered = await send('/login', { name: 'ann', password });
    const cookie = (entered.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
    await expect(`${url}/members`, 200, /Hello ann\./, { headers: { Cookie: cookie } });
    await send('/logout', {}, cookie);
    await expect(`${url}/members`, 303, /^/, { headers: { Cookie: cookie } });
  },
};

/** Core nodes that examples may use. */
const core =
  /^(tab|group|comment|inject|debug|catch|status|link (in|out|call)|function|switch|change|template|delay|trigger|exec|http (in|response|request)|mqtt (in|out)|mqtt-broker|file( in)?|json|rbe|range|split|join|complete|tls-config|global-config)$/;

describe('the examples', () => {
  let nodeRed: NodeRedProcess;

  before(async () => {
    nodeRed = await NodeRedProcess.start({ flows: [] });
  });
  after(() => nodeRed.stop());

  for (const name of names) {
    it(`${name} does what its comment says`, async () => {
      const visit = visits[name];
      assert.ok(visit, `${name} has no entry in the table of this test: add one that tries it by real requests.`);
      const { flow, port } = await example(name, {
        'http-server-credentials': { credentials: { secret1: password } },
      });
      const from = nodeRed.log.length;
      await nodeRed.deploy(flow);
      const url = `http://127.0.0.1:${port}`;
      await waitFor(`${name} to listen`, async () => (await fetch(url).catch(() => undefined)) !== undefined);
      await visit({ url, nodeRed });
      const errors = nodeRed.log.slice(from).match(/\[error\].*/g) ?? [];
      assert.deepEqual(
        errors.filter((line) => !/Cannot divide|mqtt/i.test(line)),
        [],
      );
    });
  }

  it('have a title, one comment that says what to try, and nodes of the core and of this pack only', () => {
    for (const name of names) {
      const flow = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Flow;
      assert.ok(
        flow.some(({ type, label }) => type === 'tab' && label),
        `${name} has a tab with a title`,
      );
      const comments = flow.filter(({ type }) => type === 'comment');
      assert.ok(comments.length >= 1 && String(comments[0]!['name']).length > 10, `${name} says what to try`);
      for (const { type } of flow)
        assert.ok(nodeNames.includes(String(type)) || core.test(String(type)), `${name}: ${String(type)}`);
    }
  });

  it('have ids that no other example has, so that all can be imported side by side', () => {
    const owners = new Map<string, string>();
    for (const name of names) {
      const flow = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Flow;
      for (const { id } of flow) {
        assert.equal(owners.get(String(id)), undefined, `${String(id)} of ${name}`);
        owners.set(String(id), name);
      }
    }
  });
});
