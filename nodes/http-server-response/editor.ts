/** The edit dialog of `http-server-response`. */
import { check, complaint, validator } from '../lib/editor/check.js';
import { showClientCounts, withClientCount } from '../lib/editor/client-count.js';
import { cookieColumns, cookiesOf, rowsOf } from '../lib/editor/cookie-rows.js';
import { clip, showDefaults, showWhile, typedField, typedLabel } from '../lib/editor/form.js';
import '../lib/editor/red.js';
import { headerColumns, rowsField } from '../lib/editor/rows.js';
import type { Rows } from '../lib/editor/rows.js';
import { installStyle } from '../lib/editor/style.js';
import { DEFAULTS, readConfig, readers } from './config.js';
import type { HttpServerResponseProperties } from './config.js';

let rows: { readonly headers: Rows; readonly cookies: Rows } | null = null;

const field = (name: string): JQuery => $(`#node-input-${name}`);
const own = (name: string): JQuery => $(`#http-server-response-${name}`);

/** Statuses that a person is likely to send, with the phrase of RFC 9110 (428 and on: RFC 6585). */
const PHRASES: Readonly<Record<string, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  410: 'Gone',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};

installStyle();
showClientCounts('http-server-response');

RED.nodes.registerType<HttpServerResponseProperties>('http-server-response', {
  category: 'http server',
  color: '#6FC3BD',
  defaults: {
    name: { value: '' },
    mode: { value: 'auto' },
    shared: { value: false },
    statusCode: {
      value: '',
      validate: validator(checkStatus),
    },
    headers: { value: [], validate: check(readers.headers, 'http-server-response.label.headers') },
    cookies: { value: '', validate: check(readers.cookies, 'http-server-response.label.cookies') },
    contentType: {
      value: '',
      validate: check(readers.contentType, 'http-server-response.label.contentType', 'contentTypeType'),
    },
    contentTypeType: { value: 'str' },
    redirectUrl: {
      value: '',
      validate: check(readers.redirectUrl, 'http-server-response.label.redirectUrl', 'redirectUrlType'),
    },
    redirectUrlType: { value: 'str' },
    permanent: { value: false },
    preserveMethod: { value: false },
  },
  inputs: 1,
  outputs: 0,
  icon: 'http-server-response.svg',
  align: 'right',
  paletteLabel() {
    return this._('http-server-response.label.palette');
  },
  label() {
    if (this.name) return this.name;
    const { mode = 'auto', statusCode = '', redirectUrl = '', redirectUrlType } = this;
    if (mode === 'redirect') {
      const url = redirectUrl === '' ? 'msg.redirectUrl' : typedLabel(redirectUrl, redirectUrlType);
      return clip(`${statusCode || redirectStatus(this)} → ${url}`);
    }
    const kind = this._(`http-server-response.canvas.${mode === 'chunked' && this.shared ? 'shared' : mode}`);
    return withClientCount(statusCode === '' ? kind : `${statusCode} ${kind}`, this);
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    showDefaults(this, DEFAULTS, 'node-input');
    typedField(field('redirectUrl'));
    typedField(field('contentType'));
    for (const [status, phrase] of Object.entries(PHRASES)) {
      $('<option>').attr('value', status).text(phrase).appendTo(own('statuses'));
    }
    const isRedirect = (): boolean => field('mode').val() === 'redirect';
    showWhile(field('mode'), $('.http-server-response-redirect'), isRedirect);
    showWhile(field('mode'), $('.http-server-response-body'), () => !isRedirect());
    showWhile(field('mode'), $('.http-server-response-chunked'), () => field('mode').val() === 'chunked');

    const refresh = (): void => {
      const mode = String(field('mode').val());
      const kind = mode === 'chunked' && field('shared').is(':checked') ? 'shared' : mode;
      own('about').html(this._(`http-server-response.about.${kind}`));
      const flags = {
        permanent: field('permanent').is(':checked'),
        preserveMethod: field('preserveMethod').is(':checked'),
      };
      const fallback = isRedirect() ? redirectStatus(flags) : '200';
      field('statusCode').attr('placeholder', fallback);
      own('phrase').text(PHRASES[String(field('statusCode').val()) || fallback] ?? '');
    };
    field('mode')
      .add(field('shared'))
      .add(field('statusCode'))
      .add(field('permanent'))
      .add(field('preserveMethod'))
      .on('change input', () => {
        refresh();
        field('statusCode').trigger('keyup');
      });
    refresh();
    rows = {
      headers: rowsField(own('headers'), headerColumns(), this.headers ?? []),
      cookies: rowsField(own('cookies'), cookieColumns(), rowsOf(this.cookies)),
    };
  },
  oneditsave() {
    if (rows === null) return;
    this.headers = rows.headers.values() as HttpServerResponseProperties['headers'];
    this.cookies = cookiesOf(rows.cookies.values());
    rows = null;
  },
  oneditcancel() {
    rows = null;
  },
});

/** The status of a redirect that has none of its own. */
function redirectStatus(flags: { permanent?: boolean; preserveMethod?: boolean }): string {
  if (flags.permanent === true) return flags.preserveMethod === true ? '308' : '301';
  return flags.preserveMethod === true ? '307' : '302';
}

/** Whether the status can be sent and fits the kind of answer: as the open dialog has it, else as it is saved. */
function checkStatus(node: unknown, statusCode: unknown): true | string {
  const { mode, permanent, preserveMethod } = node as HttpServerResponseProperties;
  const open = rows !== null && field('mode').length > 0;
  const settings = open
    ? {
        mode: field('mode').val(),
        permanent: field('permanent').is(':checked'),
        preserveMethod: field('preserveMethod').is(':checked'),
      }
    : { mode, permanent, preserveMethod };
  const flaw = readConfig({ ...settings, statusCode }).errors?.find((error) => error.property === 'statusCode');
  return flaw?.flaw === undefined ? true : complaint(node, 'http-server-response.label.statusCode', flaw.flaw);
}
