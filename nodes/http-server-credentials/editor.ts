/** The edit dialog of `http-server-credentials`. */
import { explain, say } from '../lib/editor/catalog.js';
import { check } from '../lib/editor/check.js';
import { credentialFields } from '../lib/editor/credential-row.js';
import type { CredentialFields, CredentialRow } from '../lib/editor/credential-row.js';
import { showDefaults } from '../lib/editor/form.js';
import { listRow } from '../lib/editor/list-row.js';
import '../lib/editor/red.js';
import { hashPassword, isTooLongToHash } from '../lib/editor/secret.js';
import { installStyle } from '../lib/editor/style.js';
import { SettingError, findFlaw } from '../lib/settings.js';
import { DEFAULTS, readers } from './config.js';
import type { HttpServerCredentialsProperties } from './config.js';
import { isWeakSecret } from './entry.js';
import { MAX_SLOTS } from './slots.js';

/** A row of the open dialog. */
interface Item {
  row?: CredentialRow;
  /** Made in this dialog: its slot may still hold the secret of an entry that was removed. */
  isNew?: boolean;
  fields?: CredentialFields;
}

const list = (): JQuery => $('#http-server-credentials-list');

installStyle();

RED.nodes.registerType<HttpServerCredentialsProperties>('http-server-credentials', {
  category: 'config',
  defaults: {
    name: { value: '' },
    realm: { value: 'Node-RED', validate: check(readers.realm, 'http-server-credentials.label.realm') },
    list: { value: [], validate: check(readers.list, 'http-server-credentials.label.list') },
  },
  credentials: {
    entries: { type: 'password' },
    secret1: { type: 'password' },
    secret2: { type: 'password' },
    secret3: { type: 'password' },
    secret4: { type: 'password' },
    secret5: { type: 'password' },
    secret6: { type: 'password' },
    secret7: { type: 'password' },
    secret8: { type: 'password' },
    secret9: { type: 'password' },
    secret10: { type: 'password' },
    secret11: { type: 'password' },
    secret12: { type: 'password' },
    secret13: { type: 'password' },
    secret14: { type: 'password' },
    secret15: { type: 'password' },
    secret16: { type: 'password' },
    secret17: { type: 'password' },
    secret18: { type: 'password' },
    secret19: { type: 'password' },
    secret20: { type: 'password' },
    secret21: { type: 'password' },
    secret22: { type: 'password' },
    secret23: { type: 'password' },
    secret24: { type: 'password' },
    secret25: { type: 'password' },
    secret26: { type: 'password' },
    secret27: { type: 'password' },
    secret28: { type: 'password' },
    secret29: { type: 'password' },
    secret30: { type: 'password' },
    secret31: { type: 'password' },
    secret32: { type: 'password' },
  },
  label() {
    const { name, realm = DEFAULTS.realm, list: entries = [] } = this;
    return name || this._('http-server-credentials.label.canvas', { realm, count: entries.length });
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    showDefaults(this, DEFAULTS, 'node-config-input');
    const stored = this.credentials ?? {};
    $('#http-server-credentials-entries').toggle(stored['has_entries'] === true || Boolean(stored['entries']));
    list().editableList({
      addItem: (container: JQuery, _index: number, item: Item) => {
        const row = item.row ?? newRow();
        if (row === null) {
          RED.notify(this._('http-server-credentials.row.full'), { type: 'warning', timeout: 5000 });
          list().editableList('removeItem', item);
          return;
        }
        item.isNew = item.row === undefined;
        const isSet = !item.isNew && (stored[`has_secret${row.slot}`] === true || Boolean(stored[`secret${row.slot}`]));
        const message = $('<div class="http-server-rule-message http-server-error" role="status">');
        const refresh = (): void => {
          if (item.fields !== undefined) message.text(reasonAgainst(item.fields, isSet));
        };
        const sayRow = (key: string): string => this._(`http-server-credentials.${key}`);
        item.row = row;
        item.fields = credentialFields(container, row, isSet, sayRow, refresh);
        container.children().append(message);
        listRow(container);
        if ('username' in row || 'name' in row || row.scheme !== 'basic') refresh();
        else container.find('[data-part=username]').trigger('focus');
      },
      addButton: this._('http-server-credentials.row.add'),
      sortable: true,
      removable: true,
    } as never);
    list().editableList(
      'addItems',
      (this.list ?? []).map((row): Item => ({ row: row as unknown as CredentialRow })),
    );
  },
  oneditsave() {
    const kept = items();
    const credentials = (this.credentials ??= {});
    const slots = new Set(kept.map((item) => item.row?.slot));
    for (const { slot } of this.list ?? []) {
      if (slots.has(slot)) continue;
      credentials[`secret${slot}`] = '';
      credentials[`has_secret${slot}`] = false;
    }
    for (const { row, fields, isNew } of kept) {
      const secret = fields?.secret() ?? (isNew === true ? '' : null);
      if (row === undefined || secret === null) continue;
      credentials[`secret${row.slot}`] =
        fields?.hashes() === true && secret !== '' && !isTooLongToHash(secret) ? hashPassword(secret) : secret;
      credentials[`has_secret${row.slot}`] = secret !== '';
    }
    this.list = kept.flatMap(({ fields }) => (fields === undefined ? [] : [fields.read()])) as never;
  },
});

function items(): Item[] {
  const found: Item[] = [];
  list()
    .editableList('items')
    .each((_index, item) => {
      found.push($(item).data('data') as Item);
    });
  return found;
}

/** A new row in the lowest free slot; null when all are taken. */
function newRow(): CredentialRow | null {
  const taken = new Set(items().map((item) => item.row?.slot));
  for (let slot = 1; slot <= MAX_SLOTS; slot += 1) if (!taken.has(slot)) return { slot, scheme: 'basic' };
  return null;
}

/** True for a secret shared with those who sign tokens that is shorter than their shortest hash (RFC 7518 section 3.2). */
function isWeakShared(row: CredentialRow, secret: string): boolean {
  return row.scheme === 'jwt' && row['key'] === 'secret' && isWeakSecret(secret);
}

/** Why an entry cannot work as it stands in the dialog; "" when it can. */
function reasonAgainst(fields: CredentialFields, isSet: boolean): string {
  const flaw = findFlaw(readers.list, [fields.read()]);
  const inner = flaw?.values['reason'];
  if (inner instanceof SettingError) return explain(inner);
  if (flaw !== null) return explain(flaw);
  const secret = fields.secret();
  if (secret !== null && fields.hashes() && isTooLongToHash(secret)) return say('credential.tooLong');
  const row = fields.read();
  if (secret !== null && isWeakShared(row, secret)) return say('credential.weakSecret');
  const wantsSecret = row.scheme !== 'htpasswd' && row['key'] !== 'jwksFile';
  return wantsSecret && secret === null && !isSet ? say('credential.noSecret') : '';
}
