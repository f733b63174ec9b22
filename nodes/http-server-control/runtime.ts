import { HttpError } from '../../src/doors/exchange.js';
import type { ExchangeRecord, Server } from '../../src/doors/server.js';
import { onInput, refuseSettings } from '../lib/answer-errors.js';
import { LoopWatch } from '../lib/loop-health.js';
import { demandServer } from '../lib/demand-server.js';
import { type ServerNode, serverStatus } from '../lib/server-node.js';
import { StatusLine } from '../lib/status-line.js';
import type { NodeMaker } from '../lib/register-node.js';
import type { FlowMessage, FlowNode, RuntimeApi, SavedProperties } from '../lib/typings.js';
import { readConfig } from './config.js';

export default (RED: RuntimeApi): NodeMaker<FlowNode> => {
  function HttpServerControl(this: FlowNode, saved: SavedProperties): void {
    RED.nodes.createNode(this, saved);
    const { settings, errors } = readConfig(saved);
    if (!settings) {
      refuseSettings(this, errors);
      return;
    }
    const serverNode = demandServer(RED, this, settings.server);
    if (serverNode) control(this, serverNode, serverNode.server);
  }
  return HttpServerControl;
};

function control(node: FlowNode, serverNode: ServerNode, server: Server): void {
  const status = new StatusLine(node);
  const watch = new LoopWatch();
  const show = (): void => status.set(serverStatus(serverNode, server));
  const report = (): void => {
    show();
    node.send([stateMessage(server, watch), null]);
  };
  const record = (finished: ExchangeRecord): void => node.send([null, { payload: { ...finished } }]);
  const isWatched = (node.wires?.[1]?.length ?? 0) > 0;
  server.on('state', report);
  // Records are worked out only while somebody listens.
  if (isWatched) server.on('record', record);
  const leave = serverNode.users.add({ node, show });
  onInput(node, async (message, send) => {
    switch (message.payload) {
      case 'start':
        return server.start({ retry: true });
      case 'stop':
        return server.stop();
      case 'restart':
        await server.stop();
        return server.start({ retry: true });
      case 'status':
        send([{ ...message, ...stateMessage(server, watch) }, null]);
        return;
      default:
        throw new HttpError('INVALID_PAYLOAD', {
          message: 'msg.payload must be "start", "stop", "restart" or "status".',
        });
    }
  });
  show();
  node.on('close', () => {
    server.off('state', report).off('record', record);
    leave();
    watch.close();
    status.close();
  });
}

function stateMessage(server: Server, watch: LoopWatch): FlowMessage {
  const { state, url, host, port, error } = server.state;
  const clients = { sse: server.eventChannels.count, websocket: server.socketChannels.count };
  return {
    payload: {
      state,
      url,
      host,
      port,
      error: error && { code: error.code, message: error.message },
      ...server.counts,
      clients,
      health: { ...watch.read(), ...server.refusals },
    },
  };
}
