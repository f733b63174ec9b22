/** A field for a folder of the machine Node-RED runs on: offers folders while one types, and says when there is none. */
import { say } from './catalog.js';
import './red.js';

/** Milliseconds without a key before the runtime is asked. */
const QUIET = 250;

/** What the runtime knows of a path. */
interface FolderLook {
  readonly kind: 'folder' | 'file' | 'missing';
  readonly folders: readonly string[];
}

/** Makes a text field, or a typed field while its kind is text, look for folders. An empty field is not looked at. */
export function folderField(input: JQuery): void {
  const typed = input.next('.red-ui-typedInput-container').add(input.closest('.red-ui-typedInput-container'));
  const isTyped = typed.length > 0;
  const shown = isTyped ? typed.find('input.red-ui-typedInput-input') : input;
  const id = `${input.attr('id') ?? ''}-folders`;
  const options = $('<datalist>').attr('id', id);
  const note = $('<div class="http-server-note http-server-folder" role="status">');
  input.closest('.form-row').append(options, note);
  shown.attr({ list: id, spellcheck: 'false' });
  let quiet: ReturnType<typeof setTimeout> | undefined;
  let asked = '';
  const look = (): void => {
    const path = String(shown.val());
    const isPath = path !== '' && !path.includes('${') && (!isTyped || input.typedInput('type') === 'str');
    asked = isPath ? path : '';
    if (!isPath) {
      note.removeClass('http-server-warning').empty();
      return;
    }
    $.getJSON(`http-servers/folders?path=${encodeURIComponent(path)}`)
      .done((answer: FolderLook) => {
        if (asked !== path) return;
        options.empty();
        for (const folder of answer.folders) $('<option>').attr('value', folder).appendTo(options);
        note
          .toggleClass('http-server-warning', answer.kind !== 'folder')
          .text(answer.kind === 'folder' ? '' : say(answer.kind === 'file' ? 'folder.file' : 'folder.missing'));
      })
      // Those who may not change flows may not look: the field works all the same.
      .fail(() => note.empty());
  };
  shown.add(input).on('input change', () => {
    clearTimeout(quiet);
    quiet = setTimeout(look, QUIET);
  });
  look();
}
