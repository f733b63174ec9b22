/** The edit dialog of `websocket-out`. */
import { check } from '../lib/editor/check.js';
import { showClientCounts, withClientCount } from '../lib/editor/client-count.js';
import { clip, showDefaults, typedField, typedLabel } from '../lib/editor/form.js';
import '../lib/editor/red.js';
import { firstServer } from '../lib/editor/server.js';
import { installStyle } from '../lib/editor/style.js';
import { DEFAULTS, readers } from './config.js';
import type { WebsocketOutProperties } from './config.js';

installStyle();
showClientCounts('websocket-out');

RED.nodes.registerType<WebsocketOutProperties>('websocket-out', {
  category: 'http server',
  color: '#6FC3BD',
  defaults: {
    name: { value: '' },
    server: { value: '', type: 'http-server-config', required: true },
    channel: { value: '', validate: check(readers.channel, 'websocket-out.label.channel', 'channelType') },
    channelType: { value: 'str' },
  },
  inputs: 1,
  outputs: 0,
  icon: 'websocket-out.svg',
  align: 'right',
  paletteLabel() {
    return this._('websocket-out.label.palette');
  },
  label() {
    const channel = typedLabel(this.channel ?? '', this.channelType);
    return (
      this.name || withClientCount(clip(channel || this._('websocket-out.label.canvas', { channel }).trim()), this)
    );
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  onadd() {
    if (!this.server) this.server = firstServer();
  },
  oneditprepare() {
    showDefaults(this, DEFAULTS, 'node-input');
    typedField($('#node-input-channel'));
  },
});
