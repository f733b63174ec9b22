/** Validators of saved properties, made from the readers that the runtime uses. */
import { findFlaw } from '../settings.js';
import type { Reader, SettingError } from '../settings.js';
import { explain } from './catalog.js';
import type { Validator } from './red.js';

/**
 * A validator that gives the reason after the label of the field. `kindOf` names the property that holds the kind of a
 * typed property. **Security:** Node-RED shows reasons as HTML, so what they quote is escaped.
 */
export function check(read: Reader<unknown>, labelKey: string, kindOf?: string): Validator {
  const validate = function (this: unknown, value: unknown): true | string {
    const kind = kindOf === undefined ? undefined : (this as Record<string, unknown>)[kindOf];
    const flaw = value === undefined ? null : findFlaw(read, value, kind);
    return flaw === null ? true : complaint(this, labelKey, flaw);
  };
  // Node-RED takes a text as the reason only from a function that declares two parameters.
  return Object.defineProperty(validate, 'length', { value: 2 });
}

/** The label of a field and what is wrong with it, as HTML. The label is of the catalog of the node's own set. */
export function complaint(node: unknown, labelKey: string, flaw: SettingError): string {
  const caption = (node as { _: (key: string) => string })._(labelKey);
  return escapeHtml(`${caption}: ${explain(flaw)}`);
}

/** Text made safe for HTML. */
function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
