/** HTTPS with the core tls-config node: every kind of material, files that change on disk, client certificates, real clients. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import tls from 'node:tls';
import { promisify } from 'node:util';
import { type CaughtError, LiveFlow } from '../support/live-flow.js';
import { type Flow, freePort, pause, testedVersion } from '../support/node-red.js';
import { type TestCertificate, newCertificate, selfSigned } from '../support/self-signed.js';

const run = promisify(execFile);
const openssl = existsSync('/usr/bin/openssl');
const curl = existsSync('/usr/bin/curl');

const folder = mkdtempSync(join(tmpdir(), 'tls-test-'));
const file = (name: string): string => join(folder, name);
/** Puts a certificate in place as a renewal does: each file at once, one after the other. */
function place({ cert, key }: TestCertificate, name = 'site'): void {
  for (const [kind, text] of [
    ['key', key],
    ['crt', cert],
  ] as const) {
    writeFileSync(file(`${name}.${kind}.new`), text);
    renameSync(file(`${name}.${kind}.new`), file(`${name}.${kind}`));
  }
}

const tlsNode = (rest: Record<string, unknown> = {}): Flow[number] => ({
  id: 'tls',
  type: 'tls-config',
  name: '',
  cert: '',
  key: '',
  ca: '',
  certname: '',
  keyname: '',
  caname: '',
  servername: '',
  verifyservercert: true,
  ...rest,
});

/** A request by curl, or by Node where there is no curl. */
async function curlOrNode(port: number, client?: TestCertificate): Promise<Answer> {
  if (!curl) return ask(port, { ...client });
  const identity = client ? ['--cert', file('ann.crt'), '--key', file('ann.key')] : [];
  const args = ['--silent', '--insecure', '--max-time', '20', '--write-out', '\n%{http_code}', ...identity];
  const { stdout } = await run('curl', [...args, `https://127.0.0.1:${port}/`]);
  const end = stdout.lastIndexOf('\n');
  return { status: Number(stdout.slice(end)), text: stdout.slice(0, end) };
}

const nodes: Flow = [
  { id: 'in', type: 'http-server-in', server: 'server', wires: [['who']] },
  {
    id: 'who',
    type: 'function',
    func: 'msg.payload = msg.req.user ?? { secure: msg.req.secure }; return msg;',
    wires: [['out']],
  },
  { id: 'out', type: 'http-server-response' },
];

interface Answer {
  readonly status: number;
  readonly text: string;
}

function ask(port: number, options: https.RequestOptions = {}): Promise<Answer> {
  return new Promise((done, fail) => {
    https
      .get({ port, host: '127.0.0.1', agent: false, rejectUnauthorized: false, ...options }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => done({ status: response.statusCode ?? 0, text }));
        response.on('error', fail);
      })
      .on('error', fail);
  });
}

async function nameSeen(port: number): Promise<string> {
  const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { CN } = socket.getPeerCertificate().subject as { CN: string };
  socket.destroy();
  return CN;
}

async function becomes(port: number, name: string): Promise<number> {
  const began = Date.now();
  while ((await nameSeen(port)) !== name) {
    if (Date.now() - began > 20_000) throw new Error(`The certificate of ${name} was not taken over`);
    await pause(50);
  }
  return Date.now() - began;
}

after(() => rmSync(folder, { recursive: true, force: true }));

describe('HTTPS by files', () => {
  let flow: LiveFlow;
  before(async () => {
    place(selfSigned('first'));
    flow = await LiveFlow.start(
      [...nodes, tlsNode({ cert: file('site.crt'), key: '${SITE_KEY}' })],
      { tls: 'tls' },
      { env: { SITE_KEY: file('site.key') } },
    );
  });
  after(() => flow.stop());

  /** Waits for the one error that says so. */
  async function said(pattern: RegExp): Promise<CaughtError> {
    const caught: CaughtError[] = [];
    for (let left = 400; left > 0; left -= 1) {
      caught.push(...(await flow.caught()));
      const [found] = caught.splice(caught.findIndex(({ message }) => pattern.test(message)) >>> 0, 1);
      if (found) {
        assert.deepEqual(caught, []);
        return found;
      }
      await pause(50);
    }
    throw new Error(`Nothing said ${pattern.source}: ${JSON.stringify(caught)}`);
  }

  it('serves the flow, and says so in its status', async () => {
    assert.deepEqual(await ask(flow.port), { status: 200, text: '{"secure":true}' });
    assert.equal(await nameSeen(flow.port), 'first');
  });

  it('T79 takes changed files over within 5 s, and under load no request fails', async () => {
    const failures: string[] = [];
    let answered = 0;
    let isOver = false;
    const agent = new https.Agent({ keepAlive: true, rejectUnauthorized: false });
    const load = [agent, false, agent, false].map(async (through) => {
      while (!isOver) {
        try {
          const { status } = await ask(flow.port, { agent: through });
          if (status === 200) answered += 1;
          else failures.push(String(status));
        } catch (error) {
          failures.push(String(error));
        }
      }
    });
    for (const name of ['second', 'third']) {
      place(selfSigned(name));
      const milliseconds = await becomes(flow.port, name);
      assert.ok(milliseconds < 5000, `${milliseconds} ms`);
      if (openssl) {
        const client = run('openssl', ['s_client', '-connect', `127.0.0.1:${flow.port}`]);
        client.child.stdin?.end();
        assert.match((await client).stdout, new RegExp(`subject=.*CN = ${name}`));
      }
    }
    isOver = true;
    await Promise.all(load);
    agent.destroy();
    assert.deepEqual(failures, []);
    assert.ok(answered > 10, `${answered} answers`);
  });

  it('T79 keeps the old certificate when the new one is broken, missing or expired, and says so once', async () => {
    await flow.caught();
    writeFileSync(file('site.crt'), selfSigned('other').cert);
    const { code, source } = await said(/the new certificate cannot be used, the old one stays/);
    assert.deepEqual([code, source], ['BAD_CERTIFICATE', 'in']);
    assert.equal(await nameSeen(flow.port), 'third');

    unlinkSync(file('site.crt'));
    await said(/ENOENT.*The old certificate stays/);
    assert.equal(await nameSeen(flow.port), 'third');

    place(newCertificate({ commonName: 'old', until: '20210101' }));
    await said(/the old one stays \(it has expired\)/);
    assert.equal(await nameSeen(flow.port), 'third');
    assert.equal((await ask(flow.port)).status, 200);

    place(selfSigned('fourth'));
    await becomes(flow.port, 'fourth');
  });

  it('T79 keeps the old certificate through a deploy that finds it broken', async () => {
    const files = { cert: file('site.crt'), key: file('site.key') };
    writeFileSync(files.key, 'no key');
    await flow.nodeRed.deploy(LiveFlow.flows([...nodes, tlsNode(files)], flow.port, { tls: 'tls' }));
    await said(/the old one stays/);
    assert.equal(await nameSeen(flow.port), 'fourth');
    assert.equal((await ask(flow.port)).status, 200);
    place(selfSigned('fifth'));
    await becomes(flow.port, 'fifth');
  });

  it('T84 never shows a key in the log', () => {
    assert.doesNotMatch(flow.nodeRed.log, /PRIVATE KEY|MIG/);
  });

  it(
    'T80 openssl is served by TLS 1.2 and 1.3, refused by 1.1, and gets no renegotiation',
    { skip: !openssl },
    async () => {
      const shake = async (input: string, ...args: string[]): Promise<string> => {
        const client = run('openssl', ['s_client', '-connect', `127.0.0.1:${flow.port}`, ...args], { timeout: 20_000 });
        client.child.stdin?.on('error', () => undefined).write(input);
        if (input === '') client.child.stdin?.end();
        const { stdout, stderr } = await client.catch((error: unknown) => error as { stdout: string; stderr: string });
        return stdout + stderr;
      };
      assert.match(await shake('', '-tls1_2'), /Cipher is ECDHE-ECDSA-AES128-GCM-SHA256/);
      assert.match(await shake('', '-tls1_3'), /Cipher is TLS_AES_256_GCM_SHA384/);
      for (const old of ['-tls1_1', '-tls1'])
        assert.match(await shake('', old, '-cipher', 'ALL:@SECLEVEL=0'), /Cipher is \(NONE\)/, old);
      assert.match(await shake('R\n', '-tls1_2'), /RENEGOTIATING[^]*no renegotiation/);
    },
  );

  it('T80 plain HTTP is told to use HTTPS', async () => {
    const answer = await fetch(`http://127.0.0.1:${flow.port}/`);
    assert.equal(answer.status, 400);
    assert.equal(await answer.text(), 'This port speaks HTTPS. Use https:// in the address.');
  });

  it('curl speaks to it', async () => {
    assert.deepEqual(await curlOrNode(flow.port), { status: 200, text: '{"secure":true}' });
  });
});

describe('HTTPS by uploaded material', () => {
  it('serves it, with client certificates that curl presents', async () => {
    const ca = newCertificate({ commonName: 'Our CA', isCa: true });
    const ann = newCertificate({ commonName: 'ann', issuer: ca });
    const site = selfSigned('uploaded');
    writeFileSync(file('ann.crt'), ann.cert);
    writeFileSync(file('ann.key'), ann.key);
    const flow = await LiveFlow.start(
      [...nodes, tlsNode({ certname: 'site.crt', keyname: 'site.key', caname: 'ca.crt' })],
      { tls: 'tls', clientCert: 'require' },
      { credentials: { tls: { certdata: site.cert, keydata: site.key, cadata: ca.cert } } },
    );
    try {
      assert.deepEqual(JSON.parse((await curlOrNode(flow.port, ann)).text), {
        name: 'ann',
        scheme: 'certificate',
        subject: { CN: 'ann' },
      });
      await assert.rejects(ask(flow.port));
      await assert.rejects(ask(flow.port, { ...newCertificate({ commonName: 'ann' }) }));
    } finally {
      await flow.stop();
    }
  });
});

describe('a TLS configuration that cannot work', () => {
  it('is refused with one error that says what is missing', async () => {
    place(selfSigned('first'));
    const server = (id: string, rest: Record<string, unknown>): Flow[number] => ({
      id,
      type: 'http-server-config',
      host: '127.0.0.1',
      port: '0',
      ...rest,
    });
    const flow = await LiveFlow.start([
      tlsNode({ id: 'none' }),
      tlsNode({ cert: file('site.crt'), key: file('site.key') }),
      server('missing', { tls: 'nothing' }),
      server('empty', { tls: 'none' }),
      server('lonely', { tls: 'tls', clientCert: 'require' }),
    ]);
    try {
      const errors = flow.nodeRed.log.match(/(?<=\[error\] \[http-server-config:).*/g);
      assert.deepEqual(errors, [
        'missing] tls: the TLS configuration node is missing or disabled.',
        'empty] tls: the TLS configuration has no certificate and key.',
        'lonely] tls: client certificates need a CA certificate in the TLS configuration, which vouches for them.',
      ]);
    } finally {
      await flow.stop();
    }
  });
});

describe('HTTPS by the other kinds of material', () => {
  const site = selfSigned('modern');
  /** The servers of the test by the id of their tls-config, and the ports they have. */
  const ports: Record<string, number> = {};
  let flow: LiveFlow;
  const encrypted = createPrivateKey(site.key).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'swordfish',
  });
  const bundle = async (name: string): Promise<void> => {
    const args = ['pkcs12', '-export', '-inkey', file(`${name}.key`), '-in', file(`${name}.crt`)];
    await run('openssl', [...args, '-passout', 'pass:swordfish', '-out', file('site.p12.new')]);
    renameSync(file('site.p12.new'), file('site.p12'));
  };

  before(async () => {
    place(site, 'modern');
    place(selfSigned('renewed'), 'renewed');
    writeFileSync(file('encrypted.key'), encrypted);
    await bundle('modern');
    const kinds: Flow = [
      tlsNode({ id: 'locked', cert: file('modern.crt'), key: file('encrypted.key') }),
      tlsNode({ id: 'variables', cert: '${SITE_CERT_FILE}', key: '${SITE_KEY_FILE}' }),
      tlsNode({ id: 'pfx-file', certType: 'pfx', p12: file('site.p12') }),
      tlsNode({ id: 'pfx-upload', certType: 'pfx', p12name: 'site.p12' }),
      tlsNode({ id: 'env-text', certType: 'env', certEnv: 'SITE_CERT', keyEnv: 'SITE_KEY' }),
    ];
    for (const { id } of kinds) ports[String(id)] = await freePort();
    const servers = kinds.map(({ id }) => ({
      id: `server-${String(id)}`,
      type: 'http-server-config',
      host: '127.0.0.1',
      port: String(ports[String(id)]),
      tls: id,
    }));
    const entries = servers.map(({ id }) => ({ id: `in-${id}`, type: 'http-server-in', server: id, wires: [['who']] }));
    const p12data = readFileSync(file('site.p12')).toString('base64');
    flow = await LiveFlow.start(
      [...nodes, ...kinds, ...servers, ...entries],
      {},
      {
        env: {
          SITE_CERT: site.cert,
          SITE_KEY: site.key,
          SITE_CERT_FILE: file('modern.crt'),
          SITE_KEY_FILE: file('modern.key'),
        },
        credentials: {
          locked: { passphrase: 'swordfish' },
          'pfx-file': { passphrase: 'swordfish' },
          'pfx-upload': { passphrase: 'swordfish', p12data },
        },
      },
    );
  });
  after(() => flow.stop());

  for (const [kind, id] of [
    ['a key file with a passphrase', 'locked'],
    ['paths in environment variables', 'variables'],
    ['a PFX file with a passphrase', 'pfx-file'],
  ] as const)
    it(`serves ${kind}`, async () => {
      assert.equal(await nameSeen(ports[id] ?? 0), 'modern');
      assert.deepEqual(await ask(ports[id] ?? 0), { status: 200, text: '{"secure":true}' });
    });

  it('takes over a PFX file and a locked key that change on disk', async () => {
    await bundle('renewed');
    assert.ok((await becomes(ports['pfx-file'] ?? 0, 'renewed')) < 5000);
    place(selfSigned('open'), 'modern');
    writeFileSync(file('encrypted.key'), readFileSync(file('modern.key')));
    assert.ok((await becomes(ports['locked'] ?? 0, 'open')) < 5000);
    assert.doesNotMatch(flow.nodeRed.log, /swordfish/);
  });

  if (testedVersion === '5.0')
    it('serves what only Node-RED 5 knows: an uploaded PFX, and certificates in environment variables', async () => {
      for (const id of ['pfx-upload', 'env-text']) assert.equal(await nameSeen(ports[id] ?? 0), 'modern', id);
    });
  else
    it('says of kinds that only Node-RED 5 knows that there is no certificate', async () => {
      for (const id of ['pfx-upload', 'env-text']) {
        assert.ok(flow.nodeRed.log.includes(`[http-server-config:server-${id}] tls: the TLS configuration has no`), id);
        await assert.rejects(nameSeen(ports[id] ?? 0), { code: 'ECONNREFUSED' });
      }
    });
});

describe('a server that changes between HTTP and HTTPS', () => {
  it('answers at its port in the new way after each deploy', async () => {
    place(selfSigned('change'), 'change');
    const flow = await LiveFlow.start(nodes);
    const secure = [...nodes, tlsNode({ cert: file('change.crt'), key: file('change.key') })];
    // The port is closed and opened anew, right after the flows have started.
    const becomesSecure = async (isSecure: boolean): Promise<void> => {
      for (let left = 100; ; left -= 1) {
        const text = await (
          isSecure ? ask(flow.port).then((answer) => answer.text) : flow.get('/').then((answer) => answer.text())
        ).catch(String);
        if (text === `{"secure":${isSecure}}`) return;
        if (left === 0) assert.fail(text);
        await pause(50);
      }
    };
    try {
      await becomesSecure(false);
      for (let turn = 0; turn < 2; turn += 1) {
        await flow.nodeRed.deploy(LiveFlow.flows(secure, flow.port, { tls: 'tls' }));
        await becomesSecure(true);
        await flow.nodeRed.deploy(LiveFlow.flows(nodes, flow.port));
        await becomesSecure(false);
      }
      assert.deepEqual(await flow.caught(), []);
    } finally {
      await flow.stop();
    }
  });
});
