/** One entry of the credentials dialog: the fields of its scheme, and its secret, which never comes back from the server. */
import { makeToken } from './secret.js';
import './red.js';

/** The public part of an entry as it is saved. */
export type CredentialRow = Record<string, unknown> & { slot: number; scheme: string };

/** An entry in the dialog. */
export interface CredentialFields {
  /** The row as it is to be saved. */
  readonly read: () => CredentialRow;
  /** The secret typed since the dialog opened; null for the one that is stored. */
  readonly secret: () => string | null;
  /** True when a basic password is to be stored as a hash. */
  readonly hashes: () => boolean;
  readonly scheme: () => string;
}

/** Says a text of the `http-server-credentials` catalog. */
export type SayRow = (key: string) => string;

const SCHEMES = ['basic', 'token', 'bearer', 'jwt', 'htpasswd'] as const;

/** Which fields a scheme shows. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  basic: ['username', 'secret', 'hash'],
  token: ['name', 'secret', 'generate', 'scope', 'from'],
  bearer: ['name', 'secret', 'generate', 'scope', 'from'],
  jwt: ['key', 'secret', 'jwksFile', 'issuer', 'audience', 'algorithms', 'clockTolerance', 'from'],
  htpasswd: ['path'],
};

/** Fills a list item with the fields of an entry. `isSet` tells whether a secret is stored for it. */
export function credentialFields(
  container: JQuery,
  row: CredentialRow,
  isSet: boolean,
  say: SayRow,
  changed: () => void,
): CredentialFields {
  const cells = $('<div class="http-server-cells">').appendTo(container);
  const saved = (name: string): string => {
    const value = row[name];
    return Array.isArray(value) ? value.join(', ') : ['string', 'number'].includes(typeof value) ? String(value) : '';
  };
  const text = (name: string, caption: string): JQuery =>
    $('<input type="text" spellcheck="false">')
      .attr({ 'data-part': name, placeholder: caption, 'aria-label': caption, autocomplete: 'off' })
      .val(saved(name))
      .appendTo(cells);
  const select = (part: string, caption: string, options: Readonly<Record<string, string>>, chosen: string): JQuery => {
    const field = $('<select>').attr({ 'data-part': part, 'aria-label': caption }).appendTo(cells);
    for (const [value, label] of Object.entries(options)) $('<option>').val(value).text(label).appendTo(field);
    return field.val(chosen);
  };

  const scheme = select(
    'scheme',
    say('row.scheme'),
    Object.fromEntries(SCHEMES.map((name) => [name, say(`scheme.${name}`)])),
    row.scheme,
  );
  const username = text('username', say('row.username'));
  const name = text('name', say('row.tokenName'));
  const path = text('path', say('row.path'));
  const key = select(
    'key',
    say('row.key'),
    { secret: say('row.keySecret'), publicKey: say('row.keyPublic'), jwksFile: say('row.keyFile') },
    saved('key') || 'secret',
  );
  const jwksFile = text('jwksFile', say('row.jwksFile'));
  const secret = $('<textarea rows="1" spellcheck="false" class="http-server-secret">')
    .attr({ 'data-part': 'secret', autocomplete: 'off' })
    .appendTo(cells);
  const generate = $('<button type="button" class="red-ui-button" data-part="generate">')
    .attr({ title: say('row.generate'), 'aria-label': say('row.generate') })
    .append($('<i class="fa fa-magic" aria-hidden="true">'))
    .appendTo(cells);
  const hash = $('<input type="checkbox">').prop('checked', true);
  $('<label class="http-server-hash" data-part="hash">')
    .append(hash, document.createTextNode(say('row.hash')))
    .appendTo(cells);
  const issuer = text('issuer', say('row.issuer'));
  const audience = text('audience', say('row.audience'));
  const algorithms = text('algorithms', say('row.algorithms'));
  const clockTolerance = text('clockTolerance', say('row.clockTolerance')).attr({
    title: say('row.clockTolerance'),
    placeholder: '± 30 s',
  });
  const scope = text('scope', say('row.scope')).attr('title', say('row.scopeHint'));
  const [source = 'header', ...rest] = (saved('from') || 'header').split(':');
  const from = select(
    'from',
    say('row.from'),
    { header: say('row.fromHeader'), cookie: say('row.fromCookie'), query: say('row.fromQuery') },
    source,
  );
  const fromName = text('fromName', say('row.fromName')).val(rest.join(':'));

  const refresh = (): void => {
    const chosen = String(scheme.val());
    const shown = new Set(FIELDS[chosen]);
    const kind = String(key.val());
    cells.children().each((_index, part) => {
      const known = $(part).attr('data-part') ?? '';
      if (known !== 'scheme') $(part).toggle(shown.has(known));
    });
    jwksFile.toggle(chosen === 'jwt' && kind === 'jwksFile');
    if (chosen === 'jwt' && kind === 'jwksFile') secret.hide();
    fromName.toggle(shown.has('from') && from.val() !== 'header');
    const caption = say(chosen === 'basic' ? 'row.password' : chosen === 'jwt' ? `row.${kind}` : 'row.token');
    secret.attr({ 'aria-label': caption, placeholder: `${caption}: ${say(isSet ? 'row.set' : 'row.unset')}` });
    // Typed characters stay hidden, but for a public key, which is no secret, and a token just made.
    const isPem = chosen === 'jwt' && kind === 'publicKey';
    secret.toggleClass('http-server-hidden', !isPem).toggleClass('http-server-pem', isPem);
  };
  cells.on('change input', () => {
    refresh();
    changed();
  });
  generate.on('click', (event) => {
    event.preventDefault();
    const token = makeToken();
    secret.val(token).trigger('input');
    secret.removeClass('http-server-hidden');
    RED.clipboard.copyText(token, generate, say('row.generated'));
  });
  refresh();

  const read = (): CredentialRow => {
    const chosen = String(scheme.val());
    const result: CredentialRow = { slot: row.slot, scheme: chosen };
    const put = (field: string, value: string): void => {
      if (value.trim() !== '') result[field] = value.trim();
    };
    const put1 = (field: string, input: JQuery): void => {
      put(field, String(input.val()));
    };
    if (chosen === 'basic') put1('username', username);
    if (chosen === 'htpasswd') put1('path', path);
    if (chosen === 'token' || chosen === 'bearer') {
      put1('name', name);
      put1('scope', scope);
    }
    if (chosen === 'jwt') {
      put1('key', key);
      if (key.val() === 'jwksFile') put1('jwksFile', jwksFile);
      put1('issuer', issuer);
      put1('audience', audience);
      put1('clockTolerance', clockTolerance);
      const listed = String(algorithms.val()).split(/[\s,]+/);
      if (listed.some((one) => one !== '')) result['algorithms'] = listed.filter((one) => one !== '');
    }
    if (FIELDS[chosen]?.includes('from') === true && from.val() !== 'header') {
      put('from', `${String(from.val())}:${String(fromName.val()).trim()}`);
    }
    return result;
  };
  return {
    read,
    secret: () => (secret.val() === '' ? null : String(secret.val())),
    hashes: () => scheme.val() === 'basic' && hash.is(':checked'),
    scheme: () => String(scheme.val()),
  };
}
