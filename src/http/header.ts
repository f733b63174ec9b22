/** A media type, or another header of the form `value; name=value; …`. */
export interface ParameterizedValue {
  /** The part before the first `;`, lower-case, trimmed. */
  readonly value: string;
  /** Parameters by lower-case name, unquoted; the first of equal names. `name*` (RFC 5987) is decoded and wins over `name`. */
  readonly parameters: Readonly<Record<string, string>>;
}

const token = /^[!#$%&'*+.^_`|~\dA-Za-z-]+$/;
// What Node accepts in a field value (RFC 9110 5.5, latin1)
const fieldValue = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;
// parameter = token "=" ( token / quoted-string ), RFC 9110 5.6.6; tolerant of what browsers send unquoted
const parameter = /;\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)/g;

/** True for a token of RFC 9110 5.6.2: a header name, a method, a cookie name. */
export function isToken(text: string): boolean {
  return token.test(text);
}

/** True for text a header can carry: no line break, no NUL, no other control character, latin1 only. */
export function isHeaderValue(text: string): boolean {
  return fieldValue.test(text);
}

/** Reads `value; name=value; name="quoted"; name*=UTF-8''encoded` (RFC 9110 5.6.6, RFC 5987 3.2). Never throws. */
export function parseParameterized(header: string): ParameterizedValue {
  const end = header.indexOf(';');
  const value = (end < 0 ? header : header.slice(0, end)).trim().toLowerCase();
  if (end < 0) return { value, parameters: {} };
  const plain: Record<string, string> = Object.create(null) as Record<string, string>;
  const extended: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [, name = '', raw = ''] of header.slice(end).matchAll(parameter)) {
    const key = name.toLowerCase();
    const text = raw.startsWith('"') ? raw.slice(1, -1).replace(/\\(.)/g, '$1') : raw.trim();
    if (key.endsWith('*')) {
      const decoded = decodeExtended(text);
      if (decoded !== undefined) extended[key.slice(0, -1)] ??= decoded;
    } else plain[key] ??= text;
  }
  return { value, parameters: { ...plain, ...extended } };
}

/** A quoted string where a token is not enough (RFC 9110 5.6.4). */
export function encodeQuoted(text: string): string {
  return token.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/**
 * A Content-Disposition value (RFC 6266): the name quoted in latin1 and, where that loses characters, again as
 * `filename*` in UTF-8.
 */
export function contentDisposition(type: 'attachment' | 'inline', filename?: string): string {
  if (filename === undefined || filename === '') return type;
  const clean = filename.replace(/[\u0000-\u001f\u007f]/g, '');
  const plain = clean.replace(/[^\u0020-\u007e]/g, '?');
  const quoted = `${type}; filename="${plain.replace(/["\\]/g, '\\$&')}"`;
  // A percent sign in the plain name would be decoded by some browsers, so it too gets the exact form.
  return plain === clean && !/%[\da-f]{2}/i.test(clean)
    ? quoted
    : `${quoted}; filename*=UTF-8''${encodeExtended(clean)}`;
}

/** One choice of a quality list. */
interface Quality {
  readonly name: string;
  readonly q: number;
  readonly specificity: number;
}

/**
 * The best of `offered` for an Accept header (RFC 9110 12.5.1): highest quality, then the order of the offer.
 * @returns undefined when the client accepts none; the first offer when there is no header
 */
export function prefers<T extends string>(accept: string | undefined, offered: readonly T[]): T | undefined {
  if (accept === undefined || accept === '*/*') return offered[0];
  const choices = parseQualities(accept);
  let best: T | undefined;
  let bestQuality = 0;
  for (const offer of offered) {
    const quality = qualityOf(offer, choices);
    if (quality > bestQuality) [best, bestQuality] = [offer, quality];
  }
  return best;
}

/**
 * The content codings a client accepts out of `offered`, best first (RFC 9110 12.5.3). Without a header: none, since
 * identity is always right.
 */
export function acceptedEncodings<T extends string>(accept: string | undefined, offered: readonly T[]): T[] {
  if (!accept) return [];
  const choices = parseQualities(accept);
  const quality = (name: string): number =>
    (choices.find((one) => one.name === name) ?? choices.find((one) => one.name === '*'))?.q ?? 0;
  return offered.filter((name) => quality(name) > 0).sort((a, b) => quality(b) - quality(a));
}

/** A Vary value with one more field; `*` stays alone. */
export function appendVary(vary: string, field: string): string {
  if (vary === '*' || field === '*') return '*';
  if (vary === '') return field;
  const wanted = field.toLowerCase();
  return vary.split(',').some((one) => one.trim().toLowerCase() === wanted) ? vary : `${vary}, ${field}`;
}

function parseQualities(header: string): Quality[] {
  return header.split(',').map((part) => {
    const { value, parameters } = parseParameterized(part);
    const q = parameters['q'] === undefined ? 1 : Number(parameters['q']);
    return {
      name: value,
      q: q >= 0 && q <= 1 ? q : 0,
      specificity: value === '*/*' ? 0 : value.endsWith('/*') ? 1 : 2,
    };
  });
}

function qualityOf(type: string, choices: readonly Quality[]): number {
  let found: Quality | undefined;
  for (const choice of choices) {
    const matches =
      choice.name === type ||
      choice.name === '*/*' ||
      (choice.name.endsWith('/*') && type.startsWith(choice.name.slice(0, -1)));
    if (matches && (!found || choice.specificity > found.specificity)) found = choice;
  }
  return found?.q ?? 0;
}

function decodeExtended(text: string): string | undefined {
  const match = /^(utf-8|iso-8859-1)'[^']*'(.*)$/i.exec(text);
  if (!match) return undefined;
  try {
    return match[1]?.toLowerCase() === 'utf-8'
      ? decodeURIComponent(match[2] ?? '')
      : (match[2] ?? '').replace(/%([\da-f]{2})/gi, (_, code: string) =>
          String.fromCharCode(Number.parseInt(code, 16)),
        );
  } catch {
    return undefined;
  }
}

function encodeExtended(text: string): string {
  const wellFormed = text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
  return encodeURIComponent(wellFormed).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
