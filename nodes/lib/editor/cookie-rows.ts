/** Cookies as rows of a table: name, value and options, such as `httpOnly, maxAge=900000`. */
import { token } from '../setting-field.js';
import { SettingError, isRecord, text } from '../settings.js';
import type { Reader } from '../settings.js';
import { say } from './catalog.js';
import { plainText } from './form.js';
import type { Column } from './rows.js';

/** How the text of each option is saved. `delete` makes the cookie null. */
const OPTIONS: Readonly<Record<string, 'text' | 'number' | 'flag'>> = {
  domain: 'text',
  path: 'text',
  maxAge: 'number',
  expires: 'text',
  httpOnly: 'flag',
  secure: 'flag',
  sameSite: 'text',
  partitioned: 'flag',
  priority: 'text',
  delete: 'flag',
};

/** The columns of the table. */
export function cookieColumns(): readonly Column[] {
  return [
    { field: 'name', caption: say('column.cookie'), example: 'session', read: token },
    { field: 'value', caption: say('column.value'), example: 'abc', read: text },
    { field: 'options', caption: say('column.options'), example: 'httpOnly, maxAge=900000', read: parseOptions },
  ];
}

/** The rows of saved cookies. */
export function rowsOf(cookies: unknown): object[] {
  if (!isRecord(cookies)) return [];
  return Object.entries(cookies).map(([name, cookie]) => {
    if (cookie === null) return { name, value: '', options: 'delete' };
    if (!isRecord(cookie)) return { name, value: cookie, options: '' };
    const { value, ...options } = cookie;
    const words = Object.entries(options).map(([option, setting]) => encodeOption(option, setting));
    return { name, value, options: words.filter((word) => word !== '').join(', ') };
  });
}

/** The saved cookies of rows: "" without any. A row that is wrong is saved as it is, for the reason to be shown. */
export function cookiesOf(rows: readonly Record<string, string>[]): Record<string, unknown> | '' {
  if (rows.length === 0) return '';
  const cookies: Record<string, unknown> = {};
  for (const { name = '', value = '', options = '' } of rows) {
    const parsed = parseOptions(options, 'lenient');
    if (parsed['delete'] === true) cookies[name] = null;
    else cookies[name] = Object.keys(parsed).length === 0 ? value : { value, ...parsed };
  }
  return cookies;
}

function encodeOption(option: string, setting: unknown): string {
  if (setting === true) return option;
  if (setting === false || setting === undefined) return '';
  return `${option}=${plainText(setting)}`;
}

const parseOptions: Reader<Record<string, unknown>> = (value, lenient) => {
  const options: Record<string, unknown> = {};
  for (const part of text(value).split(/[,;]\s*/)) {
    if (part === '') continue;
    const [word = '', ...rest] = part.split('=');
    const given = rest.join('=').trim();
    const option = Object.keys(OPTIONS).find(
      (known) => known.toLowerCase() === word.trim().toLowerCase().replace('-', ''),
    );
    const kind = option === undefined ? undefined : OPTIONS[option];
    const wrong =
      kind === undefined || (kind === 'flag') !== (given === '') || (kind === 'number' && !/^-?\d+$/.test(given));
    if (wrong && lenient === undefined) throw new SettingError('cookieOption', { value: part });
    options[option ?? word.trim()] = given === '' ? true : kind === 'number' && !wrong ? Number(given) : given;
  }
  return options;
};
