/** A flow with every node of the pack, set up as people do, for looking at canvas labels and dialogs. */
import type { Flow } from './node-red.js';

const node = (
  id: string,
  type: string,
  x: number,
  y: number,
  settings: object = {},
  wires: string[][] = [],
): object => ({
  id,
  type,
  x,
  y,
  wires,
  ...settings,
});

/** The flow; its server listens nowhere (`autoStart` is off). */
export function oneOfEach(port: number): Flow {
  return [
    {
      id: 'server',
      type: 'http-server-config',
      name: '',
      host: '127.0.0.1',
      port: String(port),
      headers: [{ name: 'X-Served-By', value: 'flow' }],
      hosts: ['example.org', 'localhost'],
      cors: { origins: ['https://example.org'], credentials: true, maxAge: 60 },
      trustProxy: 'loopback',
      mimeTypes: [{ extension: '.csv', type: 'text/csv' }],
      autoStart: false,
    },
    {
      id: 'logins',
      type: 'http-server-credentials',
      name: '',
      realm: 'House',
      list: [
        { slot: 1, scheme: 'basic', username: 'ann' },
        { slot: 2, scheme: 'bearer', name: 'robot', from: 'cookie:session' },
        { slot: 3, scheme: 'jwt', key: 'publicKey', issuer: 'https://example.org', algorithms: ['RS256'] },
        { slot: 4, scheme: 'htpasswd', path: 'users.htpasswd' },
      ],
    },
    node('entry', 'http-server-in', 120, 80, { server: 'server' }, [['guard']]),
    node('post', 'http-server-in', 120, 140, { server: 'server', methods: ['POST'], path: '/upload', upload: 'disk' }, [
      ['made'],
    ]),
    node('guard', 'auth', 290, 80, { access: 'logins' }, [['limit']]),
    node('limit', 'rate-limit', 440, 80, { by: 'header', key: 'X-Api-Key' }, [['router']]),
    node(
      'router',
      'route',
      440,
      140,
      {
        rules: [
          { methods: ['GET'], path: '/device/:id' },
          { methods: ['POST', 'PUT'], path: '/files/....', appendSlash: true },
          { methods: ['GET'], path: '/device/<name>' },
        ],
        otherwise: 'output',
        outputs: 4,
      },
      [['made'], ['files'], ['events'], ['sockets']],
    ),
    node('made', 'http-server-response', 620, 60, {
      mode: 'json',
      statusCode: '201',
      headers: [{ name: 'Cache-Control', value: 'no-store' }],
      cookies: { session: { value: 'abc', httpOnly: true, maxAge: 900000 }, old: null },
    }),
    node('login', 'http-server-response', 620, 120, { mode: 'redirect', redirectUrl: '/login' }),
    node('files', 'file-response', 620, 180, {
      rootPath: '/var/www',
      listing: true,
      attachment: true,
      notFound: 'output',
      outputs: 1,
    }),
    node('events', 'sse-out', 620, 240, { server: 'server', channel: 'events', replay: 12, maxClients: 5 }),
    node('sockets', 'websocket-in', 620, 300, { server: 'server', channel: 'chat', origins: ['*'], maxClients: 3 }, [
      ['say'],
      [],
    ]),
    node('say', 'websocket-out', 620, 350, { server: 'server', channel: 'chat' }),
    node('control', 'http-server-control', 120, 300, { server: 'server' }),
  ] as Flow;
}
