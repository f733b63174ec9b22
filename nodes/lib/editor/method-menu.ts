/** A button that shows the chosen methods and drops down a menu to choose them from. */
import { method } from '../setting-field.js';
import { findFlaw } from '../settings.js';
import { say } from './catalog.js';
import './red.js';

const COMMON = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'WEBSOCKET'] as const;

/** Methods as one short text: "any" for none. */
export function methodsLabel(methods: readonly string[]): string {
  return methods.length === 0 ? say('method.any') : methods.join(', ');
}

/** A request as one short text, such as "GET /device/<id>". */
export function requestLabel(methods: readonly string[], path: string): string {
  return `${methodsLabel(methods)} ${path}`.trim();
}

/** A method menu in a dialog. */
export interface MethodMenu {
  /** The chosen methods; [] is any. */
  readonly methods: () => string[];
  readonly button: JQuery;
}

/** Makes a method menu; `changed` runs after every choice. */
export function methodMenu(chosen: readonly string[], changed: () => void): MethodMenu {
  let methods = [...chosen];
  const caption = $('<span>');
  const button = $('<button type="button" class="red-ui-button http-server-methods" aria-haspopup="true">')
    .attr('aria-expanded', 'false')
    .append(caption, $('<i class="fa fa-caret-down" aria-hidden="true">'));
  const refresh = (): void => {
    caption.text(methodsLabel(methods));
    button.attr('title', methodsLabel(methods)).attr('aria-label', `${say('method.label')}: ${methodsLabel(methods)}`);
  };
  const choose = (next: readonly string[]): void => {
    methods = [...next];
    refresh();
    changed();
  };
  button.on('click', (event) => {
    event.preventDefault();
    openMenu(button, methods, choose);
  });
  refresh();
  return { button, methods: () => [...methods] };
}

function openMenu(button: JQuery, chosen: readonly string[], choose: (methods: readonly string[]) => void): void {
  const content = $('<div class="http-server-menu" role="group">').attr('aria-label', say('method.label'));
  const boxes = new Map<string, JQuery>();
  const any = checkbox(say('method.any'), chosen.length === 0)
    .appendTo(content)
    .find('input');
  for (const name of COMMON) {
    const caption = name === 'WEBSOCKET' ? say('method.websocket') : name;
    boxes.set(name, checkbox(caption, chosen.includes(name)).appendTo(content).find('input'));
  }
  const others = chosen.filter((name) => !boxes.has(name)).join(', ');
  const other = $('<input type="text">')
    .val(others)
    .attr({ placeholder: say('method.other'), 'aria-label': say('method.other') });
  other.appendTo(content);

  const apply = (): void => {
    const words = String(other.val()).split(/[\s,]+/);
    const extra = words.filter((word) => word !== '').map((word) => word.toUpperCase());
    const flawed = extra.some((word) => findFlaw(method, word) !== null);
    other.toggleClass('input-error', flawed);
    if (flawed) return;
    const picked = [...boxes].filter(([, box]) => box.prop('checked') === true).map(([name]) => name);
    any.prop('checked', picked.length + extra.length === 0);
    choose([...new Set([...picked, ...extra])]);
  };
  any.on('change', () => {
    for (const box of boxes.values()) box.prop('checked', false);
    other.val('');
    apply();
  });
  for (const box of boxes.values()) box.on('change', apply);
  other.on('input', apply);

  const panel = RED.popover.panel(content);
  const close = (): void => {
    button.attr('aria-expanded', 'false').trigger('focus');
  };
  content.on('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    close();
    panel.hide(true);
  });
  button.attr('aria-expanded', 'true');
  panel.show({ target: button, align: 'right', onclose: close });
  // A focus while the panel still slides down would scroll its first lines out of sight.
  panel.container.promise().done(() => {
    content.find('input').first().trigger('focus');
  });
}

function checkbox(caption: string, checked: boolean): JQuery {
  return $('<label>').append($('<input type="checkbox">').prop('checked', checked), document.createTextNode(caption));
}
