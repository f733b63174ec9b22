/** A field for a folder of the machine Node-RED runs on: offers folders, opens a panel to find one, and says what is wrong. */
import { say } from './catalog.js';
import { openFolderBrowser } from './folder-browser.js';
import { lookAtFolder, mayLookAtFolders } from './folder-look.js';
import type { FolderLook } from './folder-look.js';
import './red.js';

/** Milliseconds without a key before the runtime is asked. */
const QUIET = 250;

/**
 * Makes a text field, or a typed field while its kind is text, look for folders. An empty field is not looked at.
 * @param isWritten files are put there: a folder that is missing is made, and has to be writable
 */
export function folderField(input: JQuery, { isWritten = false } = {}): void {
  const typed = input.next('.red-ui-typedInput-container').add(input.closest('.red-ui-typedInput-container'));
  const isTyped = typed.length > 0;
  const shown = isTyped ? typed.find('input.red-ui-typedInput-input') : input;
  const id = `${input.attr('id') ?? ''}-folders`;
  const options = $('<datalist>').attr('id', id);
  const note = $('<div class="http-server-note http-server-folder" role="status">').attr('id', `${id}-note`);
  const row = input.closest('.form-row');
  shown.attr({ list: id, spellcheck: 'false' });
  // A typed field has no label of its own, and a description alone is no name.
  if (!isTyped) shown.attr('aria-describedby', `${id}-note`);
  row.find('.http-server-field').first().after(note);
  row.append(options);
  const browse = $('<button type="button" class="red-ui-button http-server-browse" aria-haspopup="dialog">')
    .attr({ 'aria-expanded': 'false', title: say('folder.browse'), 'aria-label': say('folder.browse') })
    .append($('<i class="fa fa-folder-open-o" aria-hidden="true">'))
    .on('click', () => {
      const start = pathOf(String(shown.val()));
      openFolderBrowser(browse, start, (path) => {
        if (isTyped) input.typedInput('value', path);
        else input.val(path);
        input.trigger('change').trigger('keyup');
        look();
      });
    });
  if (mayLookAtFolders()) row.find('.http-server-field').first().append(browse);

  let quiet: ReturnType<typeof setTimeout> | undefined;
  let asked = '';
  const isText = (): boolean => !isTyped || input.typedInput('type') === 'str';
  const tell = (text: string, isWrong: boolean): void => {
    note.toggleClass('http-server-warning', isWrong).text(text);
  };
  const look = (): void => {
    browse.toggle(isText());
    const path = isText() ? pathOf(String(shown.val())) : '';
    asked = path;
    if (path === '') {
      tell('', false);
      return;
    }
    lookAtFolder(path).then(
      (answer) => {
        if (asked !== path) return;
        options.empty();
        for (const folder of answer.folders) $('<option>').attr('value', folder).appendTo(options);
        const flaw = flawOf(answer, isWritten);
        const isRelative = answer.path !== path && !path.endsWith('/') && !path.endsWith('\\');
        const absolute = isRelative ? say('folder.relative', { path: answer.path }) : '';
        const made = isWritten && answer.kind === 'missing' ? say('folder.made') : '';
        tell(flaw || absolute || made, flaw !== '');
      },
      // Those who may not change flows may not look: the field works all the same.
      () => {
        tell('', false);
      },
    );
  };
  shown.add(input).on('input change', () => {
    clearTimeout(quiet);
    quiet = setTimeout(look, QUIET);
  });
  look();
}

/** What is wrong with a folder, in words; "" for nothing. */
function flawOf({ kind, nearest, writable }: FolderLook, isWritten: boolean): string {
  if (kind === 'file' || kind === 'forbidden') return say(`folder.${kind}`);
  if (kind === 'missing' && !isWritten) return say('folder.missing', { nearest });
  return isWritten && !writable ? say('folder.readOnly', { nearest }) : '';
}

/** What can be looked at: a text with an environment variable is known only to the runtime. */
function pathOf(text: string): string {
  return text.includes('${') ? '' : text.trim();
}
