/** A table of text fields, one row per entry, that can be dragged into another order. */
import { headerName, headerValue } from '../setting-field.js';
import { findFlaw } from '../settings.js';
import type { Reader } from '../settings.js';
import { explain, say } from './catalog.js';
import { plainText } from './form.js';
import { listRow } from './list-row.js';
import './red.js';

/** One column: its field in the saved row, its caption, an example and the reader that checks a cell. */
export interface Column {
  readonly field: string;
  readonly caption: string;
  readonly example: string;
  readonly read: Reader<unknown>;
  /** Words that the browser offers while one types. */
  readonly suggestions?: readonly string[];
}

/** A table in a dialog. */
export interface Rows {
  /** The rows that are not empty, as they are saved. */
  readonly values: () => Record<string, string>[];
}

/** Header names that a person is likely to set. */
const HEADER_NAMES = [
  'Access-Control-Allow-Origin',
  'Cache-Control',
  'Content-Disposition',
  'Content-Language',
  'Content-Security-Policy',
  'Content-Type',
  'Expires',
  'Last-Modified',
  'Link',
  'Location',
  'Referrer-Policy',
  'Retry-After',
  'Strict-Transport-Security',
  'X-Content-Type-Options',
  'X-Frame-Options',
  'X-Robots-Tag',
] as const;

/** The columns of a table of headers. */
export function headerColumns(): readonly Column[] {
  return [
    {
      field: 'name',
      caption: say('column.header'),
      example: 'Cache-Control',
      read: headerName,
      suggestions: HEADER_NAMES,
    },
    { field: 'value', caption: say('column.value'), example: 'no-store', read: headerValue },
  ];
}

/** Turns the `<ol>` into a table of `rows`. Rows left empty are dropped. */
export function rowsField(element: JQuery, columns: readonly Column[], rows: readonly object[]): Rows {
  element.editableList({
    addItem: (container: JQuery, _index: number, saved: object) => {
      const cells = $('<div class="http-server-cells">').appendTo(container);
      for (const column of columns) cell(column, saved).appendTo(cells);
      listRow(container);
      // A cell is blank or flawed as a part of its row, which is whole only now.
      cells.find('input').trigger('blur');
      if (Object.keys(saved).length === 0) cells.find('input').first().trigger('focus');
    },
    sortable: true,
    removable: true,
    scrollOnAdd: true,
  } as never);
  element.editableList(
    'addItems',
    rows.map((row) => ({ ...row })),
  );
  return {
    values: () => {
      const result: Record<string, string>[] = [];
      element.editableList('items').each((_index, item) => {
        const row: Record<string, string> = {};
        for (const column of columns)
          row[column.field] = String($(item).find(`[data-field="${column.field}"]`).val()).trim();
        if (Object.values(row).some((value) => value !== '')) result.push(row);
      });
      return result;
    },
  };
}

function cell(column: Column, saved: object): JQuery {
  const value = (saved as Record<string, unknown>)[column.field] ?? '';
  const input = $('<input type="text">')
    .attr({ 'data-field': column.field, placeholder: column.example, 'aria-label': column.caption })
    .val(plainText(value));
  if (column.suggestions !== undefined) suggest(input, column);
  markWith(input, () => {
    const read = String(input.val());
    const row = input.closest('.http-server-cells').find('input').toArray();
    const blank = row.every((other) => $(other).val() === '');
    const flaw = blank ? null : findFlaw(column.read, read);
    return flaw === null ? '' : explain(flaw);
  });
  return input;
}

function suggest(input: JQuery, column: Column): void {
  const id = `http-server-suggest-${column.field}`;
  if (document.getElementById(id) === null) {
    const options = (column.suggestions ?? []).map((value) => $('<option>').attr('value', value));
    $('<datalist>')
      .attr('id', id)
      .append(...options)
      .appendTo(document.body);
  }
  input.attr('list', id);
}

/** Marks a field while `read` refuses what it holds. */
export function markField(input: JQuery, read: Reader<unknown>): void {
  markWith(input, () => {
    const flaw = findFlaw(read, String(input.val()));
    return flaw === null ? '' : explain(flaw);
  });
}

/** Marks a field while `reason` gives a text: red border, the text on hover, and for screen readers. Runs once at once. */
export function markWith(input: JQuery, reason: () => string): () => void {
  const refresh = (): void => {
    const text = reason();
    input.toggleClass('input-error', text !== '').attr({ title: text, 'aria-invalid': String(text !== '') });
  };
  input.on('input change blur', refresh);
  refresh();
  return refresh;
}
