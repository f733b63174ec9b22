/** The edit dialog of `file-response`. */
import { check } from '../lib/editor/check.js';
import { folderField } from '../lib/editor/folder-field.js';
import { clip, outputsBy, showDefaults, showWhile, tabs, typedField, typedLabel } from '../lib/editor/form.js';
import '../lib/editor/red.js';
import { headerColumns, rowsField } from '../lib/editor/rows.js';
import type { Rows } from '../lib/editor/rows.js';
import { installStyle } from '../lib/editor/style.js';
import { DEFAULTS, readers } from './config.js';
import type { FileResponseProperties } from './config.js';

let headers: Rows | null = null;

const field = (name: string): JQuery => $(`#node-input-${name}`);
const own = (name: string): JQuery => $(`#file-response-${name}`);

installStyle();

RED.nodes.registerType<FileResponseProperties>('file-response', {
  category: 'http server',
  color: '#6FC3BD',
  defaults: {
    name: { value: '' },
    rootPath: { value: '', validate: check(readers.rootPath, 'file-response.label.rootPath', 'rootPathType') },
    rootPathType: { value: 'str' },
    filename: { value: '', validate: check(readers.filename, 'file-response.label.filename', 'filenameType') },
    filenameType: { value: 'str' },
    index: { value: 'index.html', validate: check(readers.index, 'file-response.label.index') },
    fallback: { value: '', validate: check(readers.fallback, 'file-response.label.fallback') },
    listing: { value: false },
    dotfiles: { value: 'ignore' },
    attachment: { value: false },
    downloadName: {
      value: '',
      validate: check(readers.downloadName, 'file-response.label.downloadName', 'downloadNameType'),
    },
    downloadNameType: { value: 'str' },
    contentType: { value: '', validate: check(readers.contentType, 'file-response.label.contentType') },
    statusCode: { value: '', validate: check(readers.statusCode, 'file-response.label.statusCode') },
    headers: { value: [], validate: check(readers.headers, 'file-response.label.headers') },
    maxAge: { value: '', validate: check(readers.maxAge, 'file-response.label.maxAge') },
    headOnly: { value: false },
    safe: { value: true },
    bufferSize: { value: 65536, validate: check(readers.bufferSize, 'file-response.label.bufferSize') },
    precompressed: { value: true },
    notFound: { value: '404' },
    outputs: { value: 0 },
  },
  inputs: 1,
  outputs: 0,
  icon: 'file-response.svg',
  align: 'right',
  paletteLabel() {
    return this._('file-response.label.palette');
  },
  outputLabels() {
    return this._('file-response.label.output');
  },
  label() {
    const { filename = '', rootPath = '' } = this;
    if (this.name) return this.name;
    if (filename !== '') return clip(typedLabel(filename, this.filenameType));
    return rootPath === '' ? this._('file-response.label.palette') : clip(typedLabel(rootPath, this.rootPathType));
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    tabs(own('pane-file').parent(), this);
    showDefaults(this, DEFAULTS, 'node-input');
    for (const name of ['rootPath', 'filename', 'downloadName']) typedField(field(name));
    folderField(field('rootPath'));
    showWhile(field('attachment'), own('row-downloadName'), () => field('attachment').prop('checked') === true);
    showWhile(field('safe'), own('unsafe'), () => field('safe').prop('checked') !== true);
    headers = rowsField(own('headers'), headerColumns(), this.headers ?? []);
  },
  oneditsave() {
    if (headers !== null) this.headers = headers.values() as FileResponseProperties['headers'];
    headers = null;
    outputsBy('notFound', 0);
  },
  oneditcancel() {
    headers = null;
  },
});
