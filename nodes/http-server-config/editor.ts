/** The edit dialog of `http-server-config`. */
import { origin } from '../lib/setting-address.js';
import { extension, headerName, mediaType } from '../lib/setting-field.js';
import { integer, list } from '../lib/settings.js';
import { say } from '../lib/editor/catalog.js';
import { check } from '../lib/editor/check.js';
import { folderField } from '../lib/editor/folder-field.js';
import { showDefaults, showList, showWhile, splitCommas, tabs, takeList } from '../lib/editor/form.js';
import { methodMenu } from '../lib/editor/method-menu.js';
import type { MethodMenu } from '../lib/editor/method-menu.js';
import '../lib/editor/red.js';
import { headerColumns, markField, rowsField } from '../lib/editor/rows.js';
import type { Rows } from '../lib/editor/rows.js';
import { addressOf, showAddress } from '../lib/editor/server.js';
import { installStyle } from '../lib/editor/style.js';
import { DEFAULTS, readers } from './config.js';
import type { HttpServerConfigProperties } from './config.js';

/** What the open dialog holds beside Node-RED's own fields. */
interface Dialog {
  readonly headers: Rows;
  readonly mimeTypes: Rows;
  readonly origins: Rows;
  readonly methods: MethodMenu;
}

let dialog: Dialog | null = null;

const field = (name: string): JQuery => $(`#node-config-input-${name}`);
const own = (name: string): JQuery => $(`#http-server-config-${name}`);
const MAX_AGE = 600;

installStyle();

RED.nodes.registerType<HttpServerConfigProperties>('http-server-config', {
  category: 'config',
  defaults: {
    name: { value: '' },
    host: { value: '0.0.0.0', validate: check(readers.host, 'http-server-config.label.host') },
    port: { value: '8080', validate: check(readers.port, 'http-server-config.label.port') },
    tls: { value: '', type: 'tls-config', required: false },
    clientCert: { value: 'off' },
    rootPath: { value: '', validate: check(readers.rootPath, 'http-server-config.label.rootPath') },
    headers: { value: [], validate: check(readers.headers, 'http-server-config.label.headers') },
    access: { value: '', type: 'http-server-credentials', required: false },
    bodyLimit: { value: '5mb', validate: check(readers.bodyLimit, 'http-server-config.label.bodyLimit') },
    uploadLimit: { value: '100mb', validate: check(readers.uploadLimit, 'http-server-config.label.uploadLimit') },
    bodyBudget: { value: '64mb', validate: check(readers.bodyBudget, 'http-server-config.label.bodyBudget') },
    headersTimeout: { value: 10, validate: check(readers.headersTimeout, 'http-server-config.label.headersTimeout') },
    requestTimeout: { value: 300, validate: check(readers.requestTimeout, 'http-server-config.label.requestTimeout') },
    responseTimeout: {
      value: 120,
      validate: check(readers.responseTimeout, 'http-server-config.label.responseTimeout'),
    },
    sendTimeout: { value: 30, validate: check(readers.sendTimeout, 'http-server-config.label.sendTimeout') },
    keepAliveTimeout: {
      value: 5,
      validate: check(readers.keepAliveTimeout, 'http-server-config.label.keepAliveTimeout'),
    },
    maxConnections: { value: 0, validate: check(readers.maxConnections, 'http-server-config.label.maxConnections') },
    maxConnectionsPerIp: {
      value: 0,
      validate: check(readers.maxConnectionsPerIp, 'http-server-config.label.maxConnectionsPerIp'),
    },
    maxRequestsPerSocket: {
      value: 0,
      validate: check(readers.maxRequestsPerSocket, 'http-server-config.label.maxRequestsPerSocket'),
    },
    hosts: { value: [], validate: check(readers.hosts, 'http-server-config.label.hosts') },
    cors: { value: { origins: [] }, validate: check(readers.cors, 'http-server-config.heading.cors') },
    compression: { value: false },
    trustProxy: { value: '', validate: check(readers.trustProxy, 'http-server-config.label.trustProxy') },
    securityHeaders: { value: false },
    lockout: { value: 10, validate: check(readers.lockout, 'http-server-config.label.lockout') },
    mimeDefault: { value: 'text/plain', validate: check(readers.mimeDefault, 'http-server-config.label.mimeDefault') },
    mimeTypes: { value: [], validate: check(readers.mimeTypes, 'http-server-config.label.mimeTypes') },
    mimeKeep: { value: [], validate: check(readers.mimeKeep, 'http-server-config.label.mimeKeep') },
    accessLog: { value: false },
    debug: { value: false },
    advertise: { value: '', validate: check(readers.advertise, 'http-server-config.label.advertise') },
    autoStart: { value: true },
  },
  label() {
    const { host = DEFAULTS.host, port = DEFAULTS.port } = this;
    return this.name || `${this.tls ? 'https' : 'http'}://${host}:${port}`;
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    const form = own('pane-server').parent();
    tabs(form, this);

    showDefaults(this, DEFAULTS, 'node-config-input');

    const refreshAddress = (): void => {
      const address = addressOf({ host: field('host').val(), port: field('port').val(), tls: field('tls').val() });
      showAddress(own('address'), address, this._('http-server-config.label.copy'));
    };
    form
      .find('#node-config-input-host, #node-config-input-port, #node-config-input-tls')
      .on('change input', refreshAddress);
    refreshAddress();
    showWhile(field('tls'), own('row-clientCert'), () => (field('tls').val() ?? '_ADD_') !== '_ADD_');
    own('row-access').toggle(Boolean(RED.nodes.getType('http-server-credentials')));

    folderField(field('rootPath'));
    for (const name of ['hosts', 'trustProxy', 'mimeKeep'] as const) showList(field(name), this[name]);

    const { cors } = this;
    own('cors-credentials').prop('checked', cors?.credentials === true);
    own('cors-allowHeaders').val((cors?.allowHeaders ?? []).join(', '));
    own('cors-exposeHeaders').val((cors?.exposeHeaders ?? []).join(', '));
    own('cors-maxAge').val(cors?.maxAge ?? MAX_AGE);
    markField(own('cors-allowHeaders'), list(headerName));
    markField(own('cors-exposeHeaders'), list(headerName));
    markField(own('cors-maxAge'), integer(0));

    const methods = methodMenu(cors?.methods ?? [], () => undefined);
    own('cors-methods').append(methods.button);
    dialog = {
      methods,
      headers: rowsField(own('headers'), headerColumns(), this.headers ?? []),
      mimeTypes: rowsField(
        own('mimeTypes'),
        [
          { field: 'extension', caption: say('column.extension'), example: '.csv', read: extension },
          { field: 'type', caption: say('column.type'), example: 'text/csv', read: mediaType },
        ],
        this.mimeTypes ?? [],
      ),
      origins: rowsField(
        own('cors-origins'),
        [{ field: 'origin', caption: say('column.origin'), example: 'https://example.org', read: origin }],
        (cors?.origins ?? []).map((one) => ({ origin: one })),
      ),
    };
  },
  oneditsave() {
    if (dialog === null) return;
    this.headers = dialog.headers.values() as HttpServerConfigProperties['headers'];
    this.mimeTypes = dialog.mimeTypes.values() as HttpServerConfigProperties['mimeTypes'];
    this.hosts = takeList(field('hosts'));
    this.mimeKeep = takeList(field('mimeKeep'));
    // Saved as text; an array from a hand-written flow stays one as long as nobody changes it.
    if (Array.isArray(this.trustProxy)) takeList(field('trustProxy'));
    this.cors = takeCors(dialog);
    dialog = null;
  },
  oneditcancel() {
    dialog = null;
  },
});

/** The `cors` object with what differs from its defaults. */
function takeCors({ origins, methods }: Dialog): HttpServerConfigProperties['cors'] {
  const maxAge = String(own('cors-maxAge').val()).trim();
  const allowHeaders = splitCommas(String(own('cors-allowHeaders').val()));
  const exposeHeaders = splitCommas(String(own('cors-exposeHeaders').val()));
  const cors: Record<string, unknown> = { origins: origins.values().map((row) => row['origin'] ?? '') };
  if (own('cors-credentials').prop('checked') === true) cors['credentials'] = true;
  if (methods.methods().length > 0) cors['methods'] = methods.methods();
  if (allowHeaders.length > 0) cors['allowHeaders'] = allowHeaders;
  if (exposeHeaders.length > 0) cors['exposeHeaders'] = exposeHeaders;
  if (maxAge !== String(MAX_AGE) && maxAge !== '') cors['maxAge'] = /^\d+$/.test(maxAge) ? Number(maxAge) : maxAge;
  return cors;
}
