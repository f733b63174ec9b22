/** A panel to walk through the folders of the machine Node-RED runs on, by mouse, finger or keys. */
import { say } from './catalog.js';
import { lookAtFolder } from './folder-look.js';
import type { FolderLook } from './folder-look.js';
import './red.js';

/**
 * Opens the panel at a button. It begins at `start`, or at the nearest folder above that exists; `choose` gets the
 * absolute path that was taken.
 *
 * Keys: up and down move through the list, Enter or right opens a folder, left or Backspace goes up, Escape closes.
 */
export function openFolderBrowser(button: JQuery, start: string, choose: (path: string) => void): void {
  const up = iconButton('fa-level-up', say('folder.up'));
  const here = $('<div class="http-server-browser-here" role="status">');
  const list = $('<ul class="http-server-browser-list">').attr('aria-label', say('folder.list'));
  const take = $('<button type="button" class="red-ui-button primary">').text(say('folder.choose'));
  const content = $('<div class="http-server-browser" role="dialog">')
    .attr('aria-label', say('folder.browse'))
    .append($('<div class="http-server-browser-head">').append(up, here), list, take);
  let place = '';

  const show = ({ nearest, folders }: FolderLook): void => {
    const from = place;
    place = nearest;
    here.text(place);
    up.prop('disabled', parentOf(place) === '');
    list.empty().scrollTop(0);
    for (const name of folders) {
      const item = $('<button type="button" tabindex="-1">')
        .append($('<i class="fa fa-folder-o" aria-hidden="true">'), $('<span>').text(name))
        .toggleClass('http-server-browser-hidden', name.startsWith('.'))
        .on('click', () => {
          void go(join(place, name));
        });
      $('<li>').append(item).appendTo(list);
    }
    if (folders.length === 0) $('<li class="http-server-note">').text(say('folder.none')).appendTo(list);
    // After going up, where one came from.
    const at = folders.findIndex((name) => join(place, name) === from);
    focusItem(Math.max(at, 0));
  };
  const go = async (path: string): Promise<void> => {
    try {
      show(await lookAtFolder(path, { list: true }));
    } catch {
      here.text(say('folder.failed'));
    }
  };
  const items = (): JQuery => list.find('button');
  const focusItem = (index: number): void => {
    const chosen = items().attr('tabindex', '-1').eq(index);
    if (chosen.length === 0) take.trigger('focus');
    else chosen.attr('tabindex', '0').trigger('focus');
  };

  const panel = RED.popover.panel(content);
  const close = (): void => {
    button.attr('aria-expanded', 'false').trigger('focus');
  };
  const finish = (): void => {
    close();
    panel.hide(true);
  };
  const goUp = (): void => {
    if (parentOf(place) !== '') void go(parentOf(place));
  };
  up.on('click', goUp);
  take.on('click', () => {
    finish();
    if (place !== '') choose(place);
  });
  content.on('keydown', (event) => {
    const at = items().index(document.activeElement as Element);
    const act: Readonly<Record<string, () => void>> = {
      Escape: finish,
      Backspace: goUp,
      ArrowLeft: goUp,
      ArrowRight: () => items().eq(at).trigger('click'),
      ArrowDown: () => focusItem(Math.min(at + 1, items().length - 1)),
      ArrowUp: () => focusItem(Math.max(at - 1, 0)),
      Home: () => focusItem(0),
      End: () => focusItem(items().length - 1),
    };
    const chosen = act[event.key];
    if (chosen === undefined || (at < 0 && event.key === 'ArrowRight')) return;
    event.preventDefault();
    event.stopPropagation();
    chosen();
  });
  button.attr('aria-expanded', 'true');
  panel.show({ target: button, align: 'left', offset: [button.outerWidth() ?? 0, 2], onclose: close });
  // A focus while the panel still slides down would scroll its first lines out of sight.
  panel.container.promise().done(() => {
    void go(start);
  });
}

function iconButton(icon: string, caption: string): JQuery {
  return $('<button type="button" class="red-ui-button">')
    .attr({ title: caption, 'aria-label': caption })
    .append($('<i aria-hidden="true">').addClass(`fa ${icon}`));
}

/** The folder above an absolute path of any system; "" at the top. */
function parentOf(path: string): string {
  const end = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  if (end < 0 || end === path.length - 1) return '';
  // The top is written with its slash: `/`, `C:\`.
  const top = path.slice(0, end + 1);
  return /^([A-Za-z]:)?[/\\]$/.test(top) ? top : path.slice(0, end);
}

function join(folder: string, name: string): string {
  const slash = folder.includes('\\') ? '\\' : '/';
  return folder.endsWith(slash) ? folder + name : folder + slash + name;
}
