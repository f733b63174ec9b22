/** What a row of our lists has beside its fields: a name for the button that removes it, and keys that move it. */
import { say } from './catalog.js';
import './red.js';

/** Makes a row of an editable list work without a mouse: Alt with an arrow key moves it; then `moved` runs. */
export function listRow(container: JQuery, moved: () => void = () => undefined): void {
  const row = container.parent();
  row.find('.red-ui-editableList-item-remove').attr({ role: 'button', 'aria-label': say('row.remove') });
  row.find('.red-ui-editableList-item-handle').attr({ title: say('row.move'), 'aria-hidden': 'true' });
  row.on('keydown', (event) => {
    const isUp = event.key === 'ArrowUp';
    if (!event.altKey || (!isUp && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    const focused = document.activeElement;
    if (isUp) row.insertBefore(row.prev());
    else row.insertAfter(row.next());
    // An element that is moved loses the focus.
    if (focused instanceof HTMLElement) focused.focus();
    moved();
  });
}
