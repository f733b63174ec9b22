/** The edit dialog of `auth`. */
import { check } from '../lib/editor/check.js';
import { firstOf, nodeLabel } from '../lib/editor/config-node.js';
import { clip, outputsBy, showDefaults } from '../lib/editor/form.js';
import '../lib/editor/red.js';
import { installStyle } from '../lib/editor/style.js';
import { DEFAULTS, readers } from './config.js';
import type { AuthProperties } from './config.js';

installStyle();

RED.nodes.registerType<AuthProperties>('auth', {
  category: 'http server',
  color: '#6FC3BD',
  defaults: {
    name: { value: '' },
    access: { value: '', type: 'http-server-credentials', required: true },
    scope: { value: '', validate: check(readers.scope, 'auth.label.scope') },
    onReject: { value: '401' },
    outputs: { value: 1 },
  },
  inputs: 1,
  outputs: 1,
  icon: 'auth.svg',
  paletteLabel() {
    return this._('auth.label.palette');
  },
  outputLabels(index) {
    return this._(index === 0 ? 'auth.label.output' : 'auth.label.rejected');
  },
  label() {
    return this.name || clip(nodeLabel(this.access) || this._('auth.label.palette'));
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  onadd() {
    if (!this.access) this.access = firstOf('http-server-credentials');
  },
  oneditprepare() {
    showDefaults(this, DEFAULTS, 'node-input');
  },
  oneditsave() {
    outputsBy('onReject', 1);
  },
});
