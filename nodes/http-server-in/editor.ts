/** The edit dialog of `http-server-in`. */
import { explain } from '../lib/editor/catalog.js';
import { check } from '../lib/editor/check.js';
import { folderField } from '../lib/editor/folder-field.js';
import { clip, showDefaults, showWhile, tabs } from '../lib/editor/form.js';
import { methodMenu, requestLabel } from '../lib/editor/method-menu.js';
import type { MethodMenu } from '../lib/editor/method-menu.js';
import '../lib/editor/red.js';
import { addressOfPath, portLabel, serverForDropped, showAddress } from '../lib/editor/server.js';
import { installStyle } from '../lib/editor/style.js';
import { findFlaw } from '../lib/settings.js';
import { DEFAULTS, readers } from './config.js';
import type { HttpServerInProperties } from './config.js';

let menu: MethodMenu | null = null;

const field = (name: string): JQuery => $(`#node-input-${name}`);
const own = (name: string): JQuery => $(`#http-server-in-${name}`);

installStyle();

RED.nodes.registerType<HttpServerInProperties>('http-server-in', {
  category: 'http server',
  color: '#6FC3BD',
  defaults: {
    name: { value: '' },
    server: { value: '', type: 'http-server-config', required: true },
    methods: { value: [], validate: check(readers.methods, 'http-server-in.label.request') },
    path: { value: '', validate: check(readers.path, 'http-server-in.label.request') },
    access: { value: '', type: 'http-server-credentials', required: false },
    body: { value: 'parsed' },
    rawBody: { value: false },
    upload: { value: 'memory' },
    uploadDir: { value: '', validate: check(readers.uploadDir, 'http-server-in.label.uploadDir') },
    maxFileSize: { value: '', validate: check(readers.maxFileSize, 'http-server-in.label.maxFileSize') },
    maxFiles: { value: 10, validate: check(readers.maxFiles, 'http-server-in.label.maxFiles') },
    bodyLimit: { value: '', validate: check(readers.bodyLimit, 'http-server-in.label.bodyLimit') },
  },
  inputs: 0,
  outputs: 1,
  icon: 'http-server-in.svg',
  paletteLabel() {
    return this._('http-server-in.label.palette');
  },
  outputLabels() {
    return this._('http-server-in.label.output');
  },
  label() {
    const { methods = [], path = '', server } = this;
    if (this.name) return this.name;
    if (path === '' && methods.length === 0) return `http ${portLabel(server)}`.trim();
    return clip(`${requestLabel(methods, path)}${path === '' ? ` ${portLabel(server)}` : ''}`);
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  button: {
    visible() {
      return pageOf(this) !== null;
    },
    enabled() {
      return this.changed !== true;
    },
    onclick() {
      window.open(pageOf(this) ?? '', '_blank', 'noopener');
    },
  },
  onadd() {
    if (!this.server) this.server = serverForDropped(this.id);
  },
  oneditprepare() {
    tabs(own('pane-requests').parent(), this);
    showDefaults(this, DEFAULTS, 'node-input');
    own('row-access').toggle(Boolean(RED.nodes.getType('http-server-credentials')));

    const refreshPath = (): void => {
      const path = String(field('path').val());
      const flaw = findFlaw(readers.path, path);
      own('path-reason').text(flaw === null ? '' : explain(flaw));
      const address = flaw === null ? addressOfPath(String(field('server').val()), path) : null;
      showAddress(own('address'), address, this._('http-server-in.label.copy'));
    };
    menu = methodMenu(this.methods ?? [], refreshPath);
    own('request').prepend(menu.button);
    field('path').on('input change', refreshPath);
    field('server').on('change', refreshPath);
    refreshPath();

    folderField(field('uploadDir'), { isWritten: true });
    const refreshLimit = (): void => {
      const isStream = field('body').val() === 'stream';
      own('limit').text(this._(`http-server-in.unit.${isStream ? 'streamLimit' : 'bodyLimit'}`));
      field('bodyLimit').attr('placeholder', isStream ? '' : '5mb');
    };
    field('body').on('change', refreshLimit);
    refreshLimit();
    showWhile(field('body'), own('row-rawBody').add(own('uploads')), () => field('body').val() === 'parsed');
    showWhile(field('upload'), own('row-uploadDir'), () => field('upload').val() === 'disk');
    showWhile(field('upload'), $('.http-server-in-accepts'), () => field('upload').val() !== 'off');
  },
  oneditsave() {
    if (menu !== null) this.methods = menu.methods();
    menu = null;
  },
  oneditcancel() {
    menu = null;
  },
});

/** What a browser can open of the node: its address, when it takes GET and its path is a plain one. */
function pageOf({ server, methods = [], path = '' }: Partial<HttpServerInProperties>): string | null {
  return methods.length === 0 || methods.includes('GET') ? addressOfPath(server, path) : null;
}
