/** One element of a `Forwarded` header (RFC 7239 4). */
export interface ForwardedElement {
  readonly for?: string;
  readonly by?: string;
  readonly proto?: string;
  readonly host?: string;
}

// forwarded-pair = token "=" ( token / quoted-string ), elements separated by ",", pairs by ";"
const pair = /\s*([\w!#$%&'*+.^`|~-]+)=("(?:[^"\\]|\\.)*"|[^\s,;"]*)\s*([,;]|$)/y;

/** The elements of a `Forwarded` header, leftmost first; what follows a malformed pair is left out (RFC 7239 4). */
export function parseForwarded(header: string): ForwardedElement[] {
  const elements: ForwardedElement[] = [];
  let current: Record<string, string> = {};
  pair.lastIndex = 0;
  for (;;) {
    const match = pair.exec(header);
    if (!match) break;
    const [, name = '', value = '', separator] = match;
    current[name.toLowerCase()] = value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
    if (separator === ';') continue;
    elements.push(current);
    current = {};
    if (separator === '') break;
  }
  return elements;
}
