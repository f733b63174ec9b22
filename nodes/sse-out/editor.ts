/** The edit dialog of `sse-out`. */
import { check } from '../lib/editor/check.js';
import { showClientCounts, withClientCount } from '../lib/editor/client-count.js';
import { clip, showDefaults, showWhile, tabs, typedField, typedLabel } from '../lib/editor/form.js';
import '../lib/editor/red.js';
import { firstServer } from '../lib/editor/server.js';
import { installStyle } from '../lib/editor/style.js';
import { DEFAULTS, readers } from './config.js';
import type { SseOutProperties } from './config.js';

const field = (name: string): JQuery => $(`#node-input-${name}`);

installStyle();
showClientCounts('sse-out');

RED.nodes.registerType<SseOutProperties>('sse-out', {
  category: 'http server',
  color: '#6FC3BD',
  defaults: {
    name: { value: '' },
    server: { value: '', type: 'http-server-config', required: false },
    channel: { value: '', validate: check(readers.channel, 'sse-out.label.channel', 'channelType') },
    channelType: { value: 'str' },
    event: { value: '', validate: check(readers.event, 'sse-out.label.event', 'eventType') },
    eventType: { value: 'str' },
    retry: { value: '', validate: check(readers.retry, 'sse-out.label.retry') },
    heartbeat: { value: 15, validate: check(readers.heartbeat, 'sse-out.label.heartbeat') },
    replay: { value: 0, validate: check(readers.replay, 'sse-out.label.replay') },
    maxClients: { value: 0, validate: check(readers.maxClients, 'sse-out.label.maxClients') },
    onFull: { value: 'reject' },
    backlog: { value: '1mb', validate: check(readers.backlog, 'sse-out.label.backlog') },
  },
  inputs: 1,
  outputs: 1,
  icon: 'sse-out.svg',
  paletteLabel() {
    return this._('sse-out.label.palette');
  },
  outputLabels() {
    return this._('sse-out.label.output');
  },
  label() {
    const channel = typedLabel(this.channel ?? '', this.channelType);
    return this.name || withClientCount(clip(channel || this._('sse-out.label.canvas', { channel }).trim()), this);
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  onadd() {
    if (!this.server) this.server = firstServer();
  },
  oneditprepare() {
    tabs($('#sse-out-pane-channel').parent(), this);
    showDefaults(this, DEFAULTS, 'node-input');
    typedField(field('channel'));
    typedField(field('event'));
    showWhile(field('maxClients'), $('#sse-out-row-onFull'), () => field('maxClients').val() !== '0');
  },
});
