/** Texts of the sidebar. */
import '../../../nodes/lib/editor/red.js';

const CATALOG = '@flow-http/node-red-http-server/http-servers:http-servers.';

/** A text of the sidebar's catalog. */
export function say(key: string, values: Readonly<Record<string, unknown>> = {}): string {
  return RED._(CATALOG + key, values);
}
