/** Texts that all our dialogs share. They live in the catalog of the server node, which every other node needs. */
import { SettingError } from '../settings.js';
import './red.js';

const SHARED = '@flow-http/node-red-http-server/http-server-config:shared.';

/** A shared text. */
export function say(key: string, values: Readonly<Record<string, unknown>> = {}): string {
  return RED._(SHARED + key, values);
}

/**
 * The reason of a refused setting in the editor's language. **Security:** it may quote what a flow holds: show it as text,
 * or escape it.
 */
export function explain(error: SettingError): string {
  const values: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(error.values)) {
    values[name] = value instanceof SettingError ? explain(value) : value instanceof Error ? value.message : value;
  }
  return say(`reason.${error.key}`, values);
}
