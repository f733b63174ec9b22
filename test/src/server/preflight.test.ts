import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startServer } from '../../support/test-server.js';
import { ask, requestText } from '../../support/raw-client.js';

describe('T62 a preflight', () => {
  const preflight = (origin: string): string =>
    requestText('OPTIONS', '/', [
      `Origin: ${origin}`,
      'Access-Control-Request-Method: POST',
      'Access-Control-Request-Headers: content-type',
    ]);

  it('names the allowed origin, with credentials, as browsers demand; a foreign one gets nothing', async (t) => {
    const server = await startServer([], { cors: { origins: ['https://here.example'], credentials: true } });
    t.after(() => server.stop());
    const allowed = await ask(server.port, preflight('https://here.example'));
    assert.equal(allowed.status, 204);
    assert.equal(allowed.get('access-control-allow-origin'), 'https://here.example');
    assert.equal(allowed.get('access-control-allow-credentials'), 'true');
    assert.equal(allowed.get('access-control-allow-headers'), 'content-type');
    assert.match(allowed.get('access-control-allow-methods') ?? '', /POST/);
    assert.match(allowed.get('vary') ?? '', /Origin/);
    const foreign = await ask(server.port, preflight('https://evil.example'));
    assert.equal(foreign.status, 204);
    assert.deepEqual(
      foreign.headers.filter(([name]) => /^access-control-/i.test(name)),
      [],
    );
  });
});

describe('T62 the answer to another origin', () => {
  it('adds to a Vary of the answer, whoever sets it and however', async (t) => {
    const server = await startServer(
      [
        {
          handle: ({ response }) => {
            response.writeHead(200, { Vary: 'Accept', 'Content-Length': 2 });
            response.end('ok');
          },
        },
      ],
      { cors: { origins: ['https://here.example'] } },
    );
    t.after(() => server.stop());
    const answer = await ask(server.port, requestText('GET', '/', ['Origin: https://here.example']));
    assert.equal(answer.get('vary'), 'Accept, Origin');
    assert.equal(answer.get('access-control-allow-origin'), 'https://here.example');
  });
});
