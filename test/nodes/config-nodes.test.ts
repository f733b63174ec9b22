/** The saved properties of every node: the contract's names and defaults, and what each node refuses. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as auth from '../../nodes/auth/config.js';
import * as fileResponse from '../../nodes/file-response/config.js';
import * as serverConfig from '../../nodes/http-server-config/config.js';
import * as serverControl from '../../nodes/http-server-control/config.js';
import * as serverIn from '../../nodes/http-server-in/config.js';
import * as serverResponse from '../../nodes/http-server-response/config.js';
import type { Reading } from '../../nodes/lib/settings.js';
import * as rateLimit from '../../nodes/rate-limit/config.js';
import * as route from '../../nodes/route/config.js';
import * as sseOut from '../../nodes/sse-out/config.js';
import * as websocketIn from '../../nodes/websocket-in/config.js';
import * as websocketOut from '../../nodes/websocket-out/config.js';

function refusals(reading: Reading<unknown>): string[] {
  return (reading.errors ?? []).map(({ property, reason }) => `${property}: ${reason}`);
}

function settingsOf<T>(reading: Reading<T>): T {
  assert.deepEqual(refusals(reading), []);
  return reading.settings as T;
}

const typed = (value = ''): object => ({ value, type: 'str' });

describe('http-server-config', () => {
  it('has the defaults of the contract, as numbers, bytes and lists', () => {
    assert.deepEqual(settingsOf(serverConfig.readConfig({})), {
      name: '',
      host: '0.0.0.0',
      port: 8080,
      tls: '',
      clientCert: 'off',
      rootPath: '',
      headers: [],
      access: '',
      bodyLimit: 5_242_880,
      uploadLimit: 104_857_600,
      bodyBudget: 67_108_864,
      headersTimeout: 10,
      requestTimeout: 300,
      responseTimeout: 120,
      sendTimeout: 30,
      keepAliveTimeout: 5,
      maxConnections: 0,
      maxConnectionsPerIp: 0,
      maxRequestsPerSocket: 0,
      hosts: [],
      cors: { origins: [], credentials: false, methods: [], allowHeaders: [], exposeHeaders: [], maxAge: 600 },
      compression: false,
      trustProxy: [],
      securityHeaders: false,
      lockout: 10,
      mimeDefault: 'text/plain',
      mimeTypes: [],
      mimeKeep: [],
      accessLog: false,
      debug: false,
      advertise: '',
      autoStart: true,
    });
  });

  it('takes the proxies as a list or as text', () => {
    assert.deepEqual(settingsOf(serverConfig.readConfig({ trustProxy: 'loopback, 10.0.0.0/8' })).trustProxy, [
      'loopback',
      '10.0.0.0/8',
    ]);
    assert.deepEqual(settingsOf(serverConfig.readConfig({ trustProxy: ['::1'] })).trustProxy, ['::1']);
  });

  it('takes MIME extensions in any case', () => {
    const { mimeTypes, mimeKeep } = settingsOf(
      serverConfig.readConfig({ mimeTypes: [{ extension: '.FOO', type: 'text/foo' }], mimeKeep: ['.Html'] }),
    );
    assert.deepEqual(mimeTypes, [{ extension: '.foo', type: 'text/foo' }]);
    assert.deepEqual(mimeKeep, ['.html']);
  });

  it('names every property that cannot work', () => {
    assert.deepEqual(
      refusals(
        serverConfig.readConfig({
          host: 'a b',
          port: 70000,
          bodyLimit: '5 pb',
          requestTimeout: 'long',
          lockout: -1,
          mimeTypes: [{ extension: 'foo', type: 'text/foo' }],
          advertise: 'ü'.repeat(32),
          clientCert: 'maybe',
          autoStart: '${AUTO}',
        }),
      ),
      [
        'host: "a b" is not a host name or an IP address',
        'port: must be a whole number from 0 to 65535',
        'clientCert: must be one of "off", "request", "require"',
        'bodyLimit: must be a size of at least one byte, such as 512kb or 5mb',
        'requestTimeout: must be a time in seconds from 0 to 2147483',
        'lockout: must be a whole number, 0 or more',
        'mimeTypes: entry 1: "foo" is not a file extension: it must start with a dot, such as .html',
        'advertise: must be at most 63 bytes long',
        'autoStart: the environment variable AUTO is not set',
      ],
    );
  });

  it('never names a property "credentials", which Node-RED takes away', () => {
    assert.ok(!Object.keys(serverConfig.DEFAULTS).includes('credentials'));
  });
});

describe('http-server-in', () => {
  it('has the defaults of the contract; the empty limits are the server ones', () => {
    assert.deepEqual(settingsOf(serverIn.readConfig({ server: 's1' })), {
      name: '',
      server: 's1',
      methods: [],
      path: '',
      access: '',
      body: 'parsed',
      rawBody: false,
      upload: 'memory',
      uploadDir: '',
      maxFileSize: null,
      maxFiles: 10,
      bodyLimit: null,
    });
  });

  it('refuses a missing server, a bad pattern and a bad limit', () => {
    assert.deepEqual(refusals(serverIn.readConfig({ path: '/a/<>', maxFileSize: 'big', methods: ['G T'] })), [
      'server: must be chosen',
      'methods: entry 1: "G T" is not a method',
      'path: character 4: All URL parameters must be named.',
      'maxFileSize: must be a size of at least one byte, such as 512kb or 5mb',
    ]);
  });
});

describe('route', () => {
  it('a rule without methods is for GET, one with an empty list for any', () => {
    const { rules } = settingsOf(
      route.readConfig({ rules: [{ path: '/a' }, { methods: [], path: '/b', appendSlash: true }] }),
    );
    assert.deepEqual(rules, [
      { methods: ['GET'], path: '/a', appendSlash: false },
      { methods: [], path: '/b', appendSlash: true },
    ]);
  });

  it('names the bad rule, the position and the reason', () => {
    assert.deepEqual(refusals(route.readConfig({ rules: [{ path: '/a' }, { path: '/x<y>' }] })), [
      'rules: entry 2: character 3: All URL parameters must be between slashes.',
    ]);
    assert.deepEqual(refusals(route.readConfig({ rules: [null] })), ['rules: entry 1: must be an object']);
    assert.deepEqual(refusals(route.readConfig({ rules: [{}] })), [
      'rules: entry 1: character 1: Path must start with a slash.',
    ]);
    assert.deepEqual(refusals(route.readConfig({ otherwise: 'nowhere' })), [
      'otherwise: must be one of "files", "404", "output"',
    ]);
  });

  it('starts with one rule that shows the syntax, and one output', () => {
    assert.deepEqual(route.DEFAULTS.rules, [{ methods: ['GET'], path: '/device/<id>', appendSlash: false }]);
    assert.equal(route.DEFAULTS.outputs, 1);
    assert.equal(route.DEFAULTS.otherwise, 'files');
  });
});

describe('http-server-response', () => {
  it('leaves everything to the message by default', () => {
    assert.deepEqual(settingsOf(serverResponse.readConfig({})), {
      name: '',
      mode: 'auto',
      shared: false,
      statusCode: null,
      headers: [],
      cookies: {},
      contentType: typed(),
      redirectUrl: typed(),
      permanent: false,
      preserveMethod: false,
    });
  });

  it('a redirect takes a status of its own or the two options, not both, and only from 300 to 399', () => {
    const redirect = { mode: 'redirect', redirectUrl: '/login' };
    assert.equal(settingsOf(serverResponse.readConfig({ ...redirect, statusCode: '303' })).statusCode, 303);
    assert.deepEqual(refusals(serverResponse.readConfig({ ...redirect, statusCode: 404 })), [
      'statusCode: must be from 300 to 399 for a redirect',
    ]);
    assert.deepEqual(refusals(serverResponse.readConfig({ ...redirect, statusCode: 303, permanent: true })), [
      'statusCode: must be empty when the kind of redirect is chosen',
    ]);
    assert.deepEqual(refusals(serverResponse.readConfig({ mode: 'auto', statusCode: 404, permanent: true })), []);
  });

  it('T39 refuses a status that HTTP does not know', () => {
    for (const statusCode of [99, 199, 600, 1000, 'abc', '20x']) {
      assert.deepEqual(refusals(serverResponse.readConfig({ statusCode })), [
        'statusCode: must be a whole number from 200 to 599',
      ]);
    }
  });

  it('takes the kind of a typed property from beside it', () => {
    const { redirectUrl } = settingsOf(
      serverResponse.readConfig({ redirectUrl: 'payload.next', redirectUrlType: 'msg' }),
    );
    assert.deepEqual(redirectUrl, { value: 'payload.next', type: 'msg' });
  });
});

describe('file-response', () => {
  it('has the defaults of the contract', () => {
    assert.deepEqual(settingsOf(fileResponse.readConfig({})), {
      name: '',
      rootPath: typed(),
      filename: typed(),
      index: 'index.html',
      fallback: '',
      listing: false,
      dotfiles: 'ignore',
      attachment: false,
      downloadName: typed(),
      contentType: '',
      statusCode: null,
      headers: [],
      maxAge: null,
      headOnly: false,
      safe: true,
      bufferSize: 65536,
      precompressed: true,
      notFound: '404',
      outputs: 0,
    });
  });

  it('refuses what it cannot send with', () => {
    assert.deepEqual(
      refusals(fileResponse.readConfig({ maxAge: '1h', bufferSize: 0, dotfiles: 'show', contentType: 'a\nb' })),
      [
        'dotfiles: must be one of "ignore", "deny", "allow"',
        'contentType: contains a character that a header cannot carry',
        'maxAge: must be a whole number, 0 or more',
        'bufferSize: must be a size of at least one byte, such as 512kb or 5mb',
      ],
    );
  });
});

describe('auth, rate-limit and http-server-control', () => {
  it('T52 auth takes scopes as a text of names, and refuses what a challenge cannot carry', () => {
    assert.deepEqual(settingsOf(auth.readConfig({ access: 'c', scope: ' read  write:all ' })).scope, [
      'read',
      'write:all',
    ]);
    for (const bad of ['a"b', 'a\\b', 'é', 'a\r\nb'])
      assert.deepEqual(refusals(auth.readConfig({ access: 'c', scope: bad })), [
        `scope: "${bad}" is not the name of a scope: quotes, backslashes and letters beyond ASCII cannot be in it`,
      ]);
  });

  it('auth without credentials is refused: it would let nobody or everybody in', () => {
    assert.deepEqual(refusals(auth.readConfig({})), ['access: must be chosen']);
    assert.deepEqual(settingsOf(auth.readConfig({ access: 'c1' })), {
      name: '',
      access: 'c1',
      scope: [],
      onReject: '401',
      outputs: 1,
    });
  });

  it('rate-limit counts 60 in 60 seconds by address', () => {
    assert.deepEqual(settingsOf(rateLimit.readConfig({})), {
      name: '',
      limit: 60,
      window: 60,
      by: 'ip',
      key: '',
      onReject: '429',
      outputs: 1,
    });
  });

  it('rate-limit by header or property needs the name of it', () => {
    for (const by of ['header', 'msg']) {
      assert.deepEqual(refusals(rateLimit.readConfig({ by })), [
        'key: must name the header or message property to count by',
      ]);
    }
    assert.deepEqual(refusals(rateLimit.readConfig({ by: 'header', key: 'a b' })), ['key: "a b" is not a header name']);
    assert.deepEqual(refusals(rateLimit.readConfig({ by: 'msg', key: 'req.params.id' })), []);
    assert.deepEqual(refusals(rateLimit.readConfig({ limit: 0, window: 0 })), [
      'limit: must be a whole number, 1 or more',
      'window: must be longer than 0 seconds',
    ]);
  });

  it('http-server-control needs a server', () => {
    assert.deepEqual(refusals(serverControl.readConfig({ server: '' })), ['server: must be chosen']);
    assert.deepEqual(settingsOf(serverControl.readConfig({ server: 's' })), { name: '', server: 's' });
  });
});

describe('sse-out and WebSockets', () => {
  it('sse-out has the defaults of the contract, and works without a server', () => {
    assert.deepEqual(settingsOf(sseOut.readConfig({})), {
      name: '',
      server: '',
      channel: typed(),
      event: typed(),
      retry: null,
      heartbeat: 15,
      replay: 0,
      maxClients: 0,
      onFull: 'reject',
      backlog: 1_048_576,
    });
  });

  it('websocket-in has the defaults of the contract, and needs a server', () => {
    assert.deepEqual(refusals(websocketIn.readConfig({})), ['server: must be chosen']);
    assert.deepEqual(settingsOf(websocketIn.readConfig({ server: 's' })), {
      name: '',
      server: 's',
      channel: '',
      subprotocols: [],
      format: 'auto',
      maxMessageSize: 1_048_576,
      maxFragments: 0,
      heartbeat: 30,
      origins: [],
      compression: false,
      maxClients: 0,
      onFull: 'reject',
      backlog: 4_194_304,
      messageRate: 0,
    });
  });

  it('T61 an origin that no browser sends is refused rather than never matched', () => {
    assert.deepEqual(refusals(websocketIn.readConfig({ server: 's', origins: ['example.org'] })), [
      'origins: entry 1: "example.org" is not an origin such as https://example.org',
    ]);
  });

  it('websocket-out reaches the whole server by default', () => {
    assert.deepEqual(settingsOf(websocketOut.readConfig({ server: 's' })), { name: '', server: 's', channel: typed() });
  });
});

describe('every node', () => {
  const nodes = {
    auth,
    fileResponse,
    serverConfig,
    serverControl,
    serverIn,
    serverResponse,
    rateLimit,
    route,
    sseOut,
    websocketIn,
    websocketOut,
  };
  it('reads its own defaults without a flaw, but for what a person must choose', () => {
    for (const [name, { DEFAULTS, readConfig }] of Object.entries(nodes)) {
      const reading: Reading<unknown> = readConfig(DEFAULTS);
      const open = refusals(reading).filter((line) => !/^(server|access): must be chosen$/.test(line));
      assert.deepEqual(open, [], name);
    }
  });

  it('has a reader for every saved property, but the kinds of typed ones', () => {
    for (const [name, { DEFAULTS, readers }] of Object.entries(nodes)) {
      const saved = Object.keys(DEFAULTS).filter((key) => !(key.endsWith('Type') && key.slice(0, -4) in DEFAULTS));
      assert.deepEqual(saved.sort(), Object.keys(readers).sort(), name);
    }
  });
});
