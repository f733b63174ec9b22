/** What the canvas shows and takes back: counts of live clients in labels, undo and redo of a door with its server. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { EditorBrowser } from '../support/editor-browser.js';
import { NodeRedProcess, freePort } from '../support/node-red.js';

describe('the canvas', () => {
  let nodeRed: NodeRedProcess;
  let editor: EditorBrowser;
  let port: number;
  let door: string;

  before(async () => {
    port = await freePort();
    nodeRed = await NodeRedProcess.start();
    editor = await EditorBrowser.open(nodeRed);
  });
  after(async () => {
    await editor.close();
    await nodeRed.stop();
  });

  /** The users of each server. */
  const servers = (): Promise<string[][]> =>
    editor.evaluate(`(() => {
      const found = [];
      RED.nodes.eachConfig((node) => {
        if (node.type === 'http-server-config') found.push(node.users.map(({ id }) => id));
        return true;
      });
      return found;
    })()`);
  const act = (name: string): Promise<unknown> => editor.evaluate(`void RED.actions.invoke('${name}')`);

  it('undo takes a dropped door away with the server it brought, redo brings both back', async () => {
    door = await editor.drop('http-server-in', 140, 140);
    for (let round = 0; round < 2; round += 1) {
      assert.deepEqual(await servers(), [[door]]);
      assert.equal(await editor.property(door, 'valid'), true);
      await act('core:undo');
      assert.deepEqual(await servers(), []);
      assert.equal(await editor.evaluate(`Boolean(RED.nodes.node('${door}'))`), false);
      assert.equal(await editor.evaluate(`RED.nodes.dirty()`), false);
      await act('core:redo');
    }
    const second = await editor.drop('http-server-in', 140, 240);
    await act('core:undo');
    assert.deepEqual(await servers(), [[door]], 'undo of a second door took the server of the first');
    assert.equal(await editor.evaluate(`Boolean(RED.nodes.node('${second}'))`), false);
  });

  it('a label tells how many clients the running flow has, and the node stays where it is', async () => {
    const { page } = editor;
    const server = await editor.property<string>(door, 'server');
    await editor.evaluate(`void (RED.nodes.node('${server}').port = '${port}')`);
    await editor.import([{ id: 'events', type: 'sse-out', x: 400, y: 140, server, channel: 'events', wires: [[]] }]);
    await editor.wire(door, 0, 'events');
    const label = (text: string): Promise<unknown> =>
      page.locator('#events .red-ui-flow-node-label-text').getByText(text, { exact: true }).waitFor();
    await label('events');
    await editor.deploy(nodeRed);
    await label('events (0)');
    const place = await editor.property('events', 'x');
    const streams = [];
    for (let client = 0; client < 12; client += 1) streams.push(await fetch(`http://127.0.0.1:${port}/`));
    await label('events (12)');
    await editor.shot('client-count');
    assert.equal(await editor.property('events', 'x'), place);
    await page.reload();
    await label('events (12)');
    assert.equal(await editor.property('events', 'x'), place);
    assert.equal(await editor.evaluate(`RED.nodes.dirty()`), false);
    for (const stream of streams) await stream.body?.cancel();
    await label('events (0)');
    assert.equal(await editor.property('events', 'x'), place);
  });

  it('nothing in the page went wrong', () => {
    assert.deepEqual(editor.errors, []);
  });
});
