/** The edit dialog of `websocket-in`. */
import { say } from '../lib/editor/catalog.js';
import { check } from '../lib/editor/check.js';
import { showClientCounts, withClientCount } from '../lib/editor/client-count.js';
import { clip, showDefaults, showList, showWhile, tabs, takeList } from '../lib/editor/form.js';
import '../lib/editor/red.js';
import { rowsField } from '../lib/editor/rows.js';
import type { Rows } from '../lib/editor/rows.js';
import { firstServer } from '../lib/editor/server.js';
import { installStyle } from '../lib/editor/style.js';
import { origin } from '../lib/setting-address.js';
import { DEFAULTS, readers } from './config.js';
import type { WebsocketInProperties } from './config.js';

let origins: Rows | null = null;

const field = (name: string): JQuery => $(`#node-input-${name}`);

installStyle();
showClientCounts('websocket-in');

RED.nodes.registerType<WebsocketInProperties>('websocket-in', {
  category: 'http server',
  color: '#6FC3BD',
  defaults: {
    name: { value: '' },
    server: { value: '', type: 'http-server-config', required: true },
    channel: { value: '', validate: check(readers.channel, 'websocket-in.label.channel') },
    subprotocols: { value: [], validate: check(readers.subprotocols, 'websocket-in.label.subprotocols') },
    format: { value: 'auto' },
    maxMessageSize: { value: '1mb', validate: check(readers.maxMessageSize, 'websocket-in.label.maxMessageSize') },
    maxFragments: { value: 0, validate: check(readers.maxFragments, 'websocket-in.label.maxFragments') },
    heartbeat: { value: 30, validate: check(readers.heartbeat, 'websocket-in.label.heartbeat') },
    origins: { value: [], validate: check(readers.origins, 'websocket-in.label.origins') },
    compression: { value: false },
    maxClients: { value: 0, validate: check(readers.maxClients, 'websocket-in.label.maxClients') },
    onFull: { value: 'reject' },
    backlog: { value: '4mb', validate: check(readers.backlog, 'websocket-in.label.backlog') },
    messageRate: { value: 0, validate: check(readers.messageRate, 'websocket-in.label.messageRate') },
  },
  inputs: 1,
  outputs: 2,
  icon: 'websocket-in.svg',
  paletteLabel() {
    return this._('websocket-in.label.palette');
  },
  outputLabels(index) {
    return this._(index === 0 ? 'websocket-in.label.messages' : 'websocket-in.label.clients');
  },
  label() {
    const { channel = '' } = this;
    return this.name || withClientCount(clip(channel || this._('websocket-in.label.canvas', { channel }).trim()), this);
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  onadd() {
    if (!this.server) this.server = firstServer();
  },
  oneditprepare() {
    tabs($('#websocket-in-pane-channel').parent(), this);
    showDefaults(this, DEFAULTS, 'node-input');
    showList(field('subprotocols'), this.subprotocols);
    showWhile(field('maxClients'), $('#websocket-in-row-onFull'), () => field('maxClients').val() !== '0');
    origins = rowsField(
      $('#websocket-in-origins'),
      [{ field: 'origin', caption: say('column.origin'), example: 'https://example.org', read: origin }],
      (this.origins ?? []).map((one) => ({ origin: one })),
    );
  },
  oneditsave() {
    this.subprotocols = takeList(field('subprotocols'));
    if (origins !== null) this.origins = origins.values().map((row) => row['origin'] ?? '');
    origins = null;
  },
  oneditcancel() {
    origins = null;
  },
});
