/** Validators of saved properties, made from the readers that the runtime uses. */
import { findFlaw } from '../settings.js';
import type { Reader, SettingError } from '../settings.js';
import { explain } from './catalog.js';
import type { Validator } from './red.js';

/**
 * A validator that gives the reason after the label of the field. `kindOf` names the property that holds the kind of a
 * typed property.
 */
export function check(read: Reader<unknown>, labelKey: string, kindOf?: string): Validator {
  return validator((node, value) => {
    const kind = kindOf === undefined ? undefined : (node as Record<string, unknown>)[kindOf];
    const flaw = value === undefined ? null : findFlaw(read, value, kind);
    return flaw === null ? true : complaint(node, labelKey, flaw);
  });
}

/** A validator for Node-RED, which takes a text as the reason only from a function that declares two parameters. */
export function validator(validate: (node: unknown, value: unknown) => true | string): Validator {
  const twoParameters = function (this: unknown, value: unknown): true | string {
    return validate(this, value);
  };
  return Object.defineProperty(twoParameters, 'length', { value: 2 });
}

/**
 * The label of a field, from the catalog of the node's own set, and what is wrong with it. **Security:** Node-RED shows
 * reasons as HTML, so what they quote is escaped.
 */
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
