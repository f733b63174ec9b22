/** The list of rules in the `route` dialog: dragged into order, checked while one types, duplicates marked. */
import { readRuleText } from '../../../src/routing/rule-text.js';
import type { WrittenRule } from '../../../src/routing/rule-text.js';
import { patternText } from '../setting-pattern.js';
import { SettingError, UnsetVariableError } from '../settings.js';
import { explain, say } from './catalog.js';
import { listRow } from './list-row.js';
import { methodMenu, methodsLabel } from './method-menu.js';
import type { MethodMenu } from './method-menu.js';
import './red.js';
import { findShadow } from './rule-shadow.js';

/** A rule as the dialog holds it. */
export interface EditedRule {
  readonly methods: readonly string[];
  readonly path: string;
  readonly appendSlash: boolean;
}

/** A rule with the output it had when the dialog opened; -1 for a new one. */
export interface PlacedRule extends EditedRule {
  readonly output: number;
}

/** The list in the dialog. */
export interface RuleList {
  readonly rules: () => PlacedRule[];
  /** Marks the rule at the index, -1 for none, as the one that takes the tested request. */
  readonly showTaken: (index: number) => void;
}

/** What the list keeps for each of its rows. */
interface Row {
  readonly rule: Partial<PlacedRule>;
  parts?: { menu: MethodMenu; path: JQuery; slash: JQuery; port: JQuery; message: JQuery; line: JQuery };
}

/** Turns the `<ol>` into the list; `changed` runs after every change. */
export function ruleList(element: JQuery, rules: readonly EditedRule[], changed: () => void): RuleList {
  const rowsOf = (): Row[] => {
    const rows: Row[] = [];
    element.editableList('items').each((_index, item) => {
      rows.push($(item).data('data') as Row);
    });
    return rows;
  };
  const refresh = (): void => {
    const rows = rowsOf();
    const edited = rows.map(readRow);
    for (const [index, row] of rows.entries()) showState(row, index, edited);
    changed();
  };
  let filling = true;
  const add = (rules: readonly Partial<PlacedRule>[]): void => {
    filling = true;
    element.editableList(
      'addItems',
      rules.map((rule) => ({ rule })),
    );
    filling = false;
  };
  const paste = (row: Row, written: readonly WrittenRule[]): void => {
    add(written);
    const { path, output } = readRow(row);
    if (output < 0 && (path === '' || path === '/')) element.editableList('removeItem', row);
    refresh();
  };
  element.editableList({
    addItem: (container: JQuery, _index: number, row: Row) => {
      buildRow(container, row, refresh, paste);
      listRow(container, refresh);
      if (filling) return;
      refresh();
      row.parts?.path.trigger('focus');
    },
    removeItem: refresh,
    sortItems: refresh,
    addButton: say('rule.add'),
    sortable: true,
    removable: true,
  } as never);
  add(rules.map((rule, output) => ({ ...rule, output })));
  element.closest('.red-ui-editableList-container').scrollTop(0);
  refresh();
  return {
    rules: () => rowsOf().map(readRow),
    showTaken: (taken) => {
      for (const [index, row] of rowsOf().entries()) row.parts?.line.toggleClass('http-server-taken', index === taken);
    },
  };
}

function buildRow(
  container: JQuery,
  row: Row,
  refresh: () => void,
  paste: (row: Row, rules: readonly WrittenRule[]) => void,
): void {
  // The list's own button adds an empty object.
  const rule = (row.rule as Partial<PlacedRule> | undefined) ?? {};
  (row as { rule: Partial<PlacedRule> }).rule = rule;
  const line = $('<div class="http-server-cells">').appendTo(container);
  const menu = methodMenu(rule.methods ?? ['GET'], refresh);
  const path = $('<input type="text" spellcheck="false" class="http-server-rule-path">')
    .attr({ placeholder: '/device/<id>', 'aria-label': say('rule.path') })
    .val(rule.path ?? '/');
  const slash = $('<button type="button" class="red-ui-button http-server-toggle">')
    .attr({ 'aria-pressed': String(rule.appendSlash === true), 'aria-label': say('rule.appendSlash') })
    .text('(/)');
  RED.popover.tooltip(slash, say('rule.appendSlash'));
  const port = $('<span class="http-server-rule-port">');
  const message = $('<div class="http-server-rule-message" role="status">');
  line.append(menu.button, path, slash, port, message);
  slash.on('click', (event) => {
    event.preventDefault();
    slash.attr('aria-pressed', String(slash.attr('aria-pressed') !== 'true'));
    refresh();
  });
  path.on('input', refresh);
  path.on('paste', (event) => {
    const text = (event.originalEvent as ClipboardEvent | undefined)?.clipboardData?.getData('text').trim() ?? '';
    // One path is pasted as any text is; a list becomes rules.
    const rules = /^\[|\n/.test(text) ? readRuleText(text) : undefined;
    if (rules === undefined) return;
    event.preventDefault();
    paste(row, rules);
  });
  row.parts = { menu, path, slash, port, message, line };
}

function readRow(row: Row): PlacedRule {
  const { parts, rule } = row;
  return {
    methods: parts?.menu.methods() ?? [],
    path: String(parts?.path.val() ?? '').trim(),
    appendSlash: parts?.slash.attr('aria-pressed') === 'true',
    output: rule.output ?? -1,
  };
}

function showState({ parts }: Row, index: number, rules: readonly EditedRule[]): void {
  const rule = rules[index];
  if (parts === undefined || rule === undefined) return;
  parts.port.text(`→ ${index + 1}`);
  const flaw = flawOf(rule);
  const shadow = flaw === null ? findShadow(rules, index) : null;
  parts.path.toggleClass('input-error', flaw !== null).attr('aria-invalid', String(flaw !== null));
  parts.message
    .toggleClass('http-server-error', flaw !== null)
    .toggleClass('http-server-warning', flaw === null)
    .text(flaw !== null ? explain(flaw) : shadow === null ? '' : describeShadow(shadow));
}

function describeShadow({ by, methods, whole }: NonNullable<ReturnType<typeof findShadow>>): string {
  return say(whole ? 'rule.neverReached' : 'rule.partlyReached', { number: by + 1, methods: methodsLabel(methods) });
}

function flawOf(rule: EditedRule): SettingError | null {
  try {
    patternText(rule.path, rule.appendSlash);
    return null;
  } catch (error) {
    if (error instanceof UnsetVariableError) return null;
    if (error instanceof SettingError) return error;
    throw error;
  }
}
