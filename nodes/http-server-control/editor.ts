/** The edit dialog of `http-server-control`. */
import '../lib/editor/red.js';
import { firstServer, portLabel } from '../lib/editor/server.js';
import { installStyle } from '../lib/editor/style.js';
import type { HttpServerControlProperties } from './config.js';

installStyle();

RED.nodes.registerType<HttpServerControlProperties>('http-server-control', {
  category: 'http server',
  color: '#6FC3BD',
  defaults: {
    name: { value: '' },
    server: { value: '', type: 'http-server-config', required: true },
  },
  inputs: 1,
  outputs: 2,
  icon: 'http-server-control.svg',
  paletteLabel() {
    return this._('http-server-control.label.palette');
  },
  outputLabels(index) {
    return this._(index === 0 ? 'http-server-control.label.states' : 'http-server-control.label.requests');
  },
  label() {
    return this.name || this._('http-server-control.label.canvas', { port: portLabel(this.server) }).trim();
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  onadd() {
    if (!this.server) this.server = firstServer();
  },
});
