/** Small habits that all our dialogs share: tabs, rows that come and go, lists written with commas, typed fields. */
import { TYPED_KINDS } from '../settings.js';
import type { TypedKind } from '../settings.js';
import type { EditorNode } from './red.js';

/**
 * Makes tabs of the panes of a form: `data-caption` of each `.http-server-pane` is the key of its caption. A tab is marked
 * while a field of its pane is wrong.
 */
export function tabs(form: JQuery, node: EditorNode): void {
  const panes = form.find('.http-server-pane');
  const row = RED.tabs.create({
    element: form.find('.http-server-tabs'),
    onchange: (tab) => {
      panes.each((_index, pane) => {
        $(pane).toggle(pane.id === tab.id);
      });
    },
  });
  panes.each((_index, pane) => {
    row.addTab({ id: pane.id, label: node._($(pane).attr('data-caption') ?? '') });
    const tab = form.find(`a[href="#${pane.id}"]`);
    new MutationObserver(() => {
      tab.toggleClass('http-server-error-tab', $(pane).find('.input-error').length > 0);
    }).observe(pane, { subtree: true, childList: true, attributes: true, attributeFilter: ['class'] });
  });
  const first = panes.get(0);
  if (first !== undefined) row.activateTab(first.id);
}

/** Shows the default in every plain field whose property an older flow did not save, since that is what will happen. */
export function showDefaults(node: object, defaults: object, prefix: 'node-input' | 'node-config-input'): void {
  const saved = node as Readonly<Record<string, unknown>>;
  for (const [property, value] of Object.entries(defaults) as [string, unknown][]) {
    if (saved[property] !== undefined) continue;
    const input = $(`#${prefix}-${property}`);
    if (typeof value === 'boolean') input.prop('checked', value);
    else if ((typeof value === 'string' && value !== '') || typeof value === 'number') input.val(value);
  }
}

/** Shows elements only while `shown` holds, checked whenever one of the fields changes. */
export function showWhile(fields: JQuery, elements: JQuery, shown: () => boolean): void {
  const refresh = (): void => {
    elements.toggle(shown());
  };
  fields.on('change input', refresh);
  refresh();
}

/** Sets the number of outputs: so many, and one more when the field has "output" chosen. */
export function outputsBy(property: string, fixed: number): void {
  $('#node-input-outputs').val(String(fixed + ($(`#node-input-${property}`).val() === 'output' ? 1 : 0)));
}

/** The entries of a text with commas between. */
export function splitCommas(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** Shows a saved list as text with commas between. */
export function showList(input: JQuery, saved: unknown): void {
  if (Array.isArray(saved)) input.val(saved.join(', '));
}

/** Takes the list back out of the field, and leaves there what Node-RED finds equal to it, so that it keeps the list. */
export function takeList(input: JQuery): string[] {
  const entries = splitCommas(String(input.val() ?? ''));
  input.val(entries.join(','));
  return entries;
}

/** Makes a text field with a kind menu; the kind is saved through the hidden field `<id>Type`. */
export function typedField(input: JQuery, kinds: readonly TypedKind[] = TYPED_KINDS): void {
  const kind = $(`#${input.attr('id') ?? ''}Type`);
  input.typedInput({ default: 'str', types: [...kinds], typeField: kind });
  input.typedInput('type', (kind.val() as TypedKind | '') || 'str');
}

/** How a typed value reads on the canvas: text as it is, else its kind before it. */
export function typedLabel(value: string, kind: TypedKind | undefined): string {
  if (kind === undefined || kind === 'str') return value;
  if (kind === 'jsonata') return `{ ${value} }`;
  return `${kind}.${value}`;
}

/** Text cut to what fits on the canvas. */
export function clip(text: string, length = 40): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

/** A saved value as text: "" for none, JSON for what is no plain value. */
export function plainText(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : JSON.stringify(value);
}
