/** A header of the form `value; name=value; …`, such as a media type. */
export interface ParameterizedValue {
  /** The part before the first `;`, lower-case, trimmed. */
  readonly value: string;
  /**
   * Parameters by lower-case name, unquoted; the first of equal names. `name*` (RFC 5987) is decoded and wins over
   * `name`. The object has no prototype.
   */
  readonly parameters: Readonly<Record<string, string>>;
}

const token = /^[!#$%&'*+.^_`|~\dA-Za-z-]+$/;
// What Node accepts in a field value (RFC 9110 5.5, latin1)
const fieldValue = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;
const noParameters: Readonly<Record<string, string>> = Object.freeze(Object.create(null) as Record<string, string>);

/** True for a token of RFC 9110 5.6.2: a header name, a method, a cookie name. */
export function isToken(text: string): boolean {
  return token.test(text);
}

/** True for text a header can carry: no line break, no NUL, no other control character, latin1 only. */
export function isHeaderValue(text: string): boolean {
  return fieldValue.test(text);
}

/**
 * Reads `value; name=value; name="quoted"; name*=UTF-8''encoded` (RFC 9110 5.6.6, RFC 5987 3.2), in linear time.
 * Never throws: what is not a parameter is left out, a quoted string without its end reaches to the end.
 */
export function parseParameterized(header: string): ParameterizedValue {
  const [value, rest] = splitParameters(header);
  return { value: value.toLowerCase(), parameters: rest === '' ? noParameters : parseParameters(rest) };
}

/** The trimmed part before the first `;` outside quotes, and what follows that `;`. */
export function splitParameters(header: string): [value: string, parameters: string] {
  const end = endOfPart(header, 0, ';');
  return [header.slice(0, end).trim(), header.slice(end + 1)];
}

/** Reads `name=value; name="quoted; value"`, as {@link parseParameterized} does. */
export function parseParameters(text: string): Readonly<Record<string, string>> {
  const plain = Object.create(null) as Record<string, string>;
  let extended: Record<string, string> | undefined;
  let mark = -1;
  for (let index = 0, end: number; index < text.length; index = end + 1) {
    end = endOfPart(text, index, ';');
    if (mark < index) mark = text.indexOf('=', index);
    if (mark < 0) break;
    if (mark >= end) continue;
    const name = text.slice(index, mark).trim().toLowerCase();
    if (!token.test(name)) continue;
    const value = unquote(text.slice(mark + 1, end).trim());
    if (!name.endsWith('*')) plain[name] ??= value;
    else {
      const decoded = decodeExtended(value);
      if (decoded !== undefined)
        (extended ??= Object.create(null) as Record<string, string>)[name.slice(0, -1)] ??= decoded;
    }
  }
  return extended ? Object.assign(plain, extended) : plain;
}

/** The elements of a comma list, trimmed, empty ones left out; a comma in a quoted string separates nothing (RFC 9110 5.6.1). */
export function splitList(header: string): string[] {
  const elements: string[] = [];
  for (let index = 0, end: number; index < header.length; index = end + 1) {
    end = endOfPart(header, index, ',');
    const element = header.slice(index, end).trim();
    if (element !== '') elements.push(element);
  }
  return elements;
}

/** The text of a quoted string, escapes removed (RFC 9110 5.6.4); any other text as it is. */
export function unquote(text: string): string {
  if (!text.startsWith('"')) return text;
  const closed = text.length > 1 && text.endsWith('"');
  return text.slice(1, closed ? -1 : undefined).replace(/\\(.)/g, '$1');
}

/** Text as a parameter value: a token as it is, else quoted (RFC 9110 5.6.4). */
export function encodeQuoted(text: string): string {
  return token.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** `name=value` as a header parameter, quoted where needed; text outside latin1 as `name*` (RFC 5987). */
export function encodeParameter(name: string, value: string): string {
  return isHeaderValue(value) ? `${name}=${encodeQuoted(value)}` : `${name}*=UTF-8''${encodeExtended(value)}`;
}

/**
 * A Content-Disposition value (RFC 6266): the name quoted in ASCII and, where that loses characters, again as
 * `filename*` in UTF-8. Control characters of the name are dropped.
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

/** One choice of an Accept header or one of its kind. */
export interface Quality {
  /** Media type, coding or language, lower-case; may hold `*`. */
  readonly name: string;
  /** 0 (refused) to 1. */
  readonly q: number;
}

/** The choices of an `Accept…` header in their order (RFC 9110 12.4.2). A quality that is no number counts as 0. */
export function parseQualityList(header: string): Quality[] {
  return splitList(header).map((part) => {
    const { value, parameters } = parseParameterized(part);
    const q = parameters['q'] === undefined ? 1 : Number(parameters['q']);
    return { name: value, q: q > 0 ? Math.min(q, 1) : 0 };
  });
}

/**
 * The best of `offered` media types for an Accept header (RFC 9110 12.5.1): highest quality, then the order of the
 * offer. The most specific choice that fits a type decides on it.
 * @returns undefined when the client accepts none; the first offer when there is no header
 */
export function prefers<T extends string>(accept: string | undefined, offered: readonly T[]): T | undefined {
  if (!accept || accept === '*/*') return offered[0];
  const choices = parseQualityList(accept);
  let best: T | undefined;
  let bestQuality = 0;
  for (const offer of offered) {
    const quality = qualityOf(offer, choices);
    if (quality > bestQuality) [best, bestQuality] = [offer, quality];
  }
  return best;
}

/**
 * The content codings a client accepts out of `offered`, best first, ties in the order of the offer (RFC 9110
 * 12.5.3). Codings it likes less than the plain form are left out. Without a header: none, since identity is always
 * right.
 */
export function acceptedEncodings<T extends string>(accept: string | undefined, offered: readonly T[]): T[] {
  if (!accept) return [];
  const choices = parseQualityList(accept);
  const find = (name: string): number | undefined => choices.find((one) => one.name === name)?.q;
  const quality = (name: string): number => find(name) ?? find('*') ?? 0;
  const plain = find('identity') ?? 0;
  return offered.filter((name) => quality(name) > 0 && quality(name) >= plain).sort((a, b) => quality(b) - quality(a));
}

/** A Vary value with one more field; `*` stays alone. */
export function appendVary(vary: string, field: string): string {
  if (vary === '*' || field === '*') return '*';
  if (vary === '') return field;
  const wanted = field.toLowerCase();
  return vary.split(',').some((one) => one.trim().toLowerCase() === wanted) ? vary : `${vary}, ${field}`;
}

/** Where the part that begins at `start` ends: at the next separator outside quotes, else at the end of the text. */
function endOfPart(text: string, start: number, separator: string): number {
  const mark = text.indexOf(separator, start);
  const end = mark < 0 ? text.length : mark;
  if (!text.slice(start, end).includes('"')) return end;
  let quoted = false;
  for (let index = start; index < text.length; index++) {
    const character = text[index];
    if (quoted && character === '\\') index++;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && character === separator) return index;
  }
  return text.length;
}

function qualityOf(type: string, choices: readonly Quality[]): number {
  let found: Quality | undefined;
  for (const choice of choices)
    if (fits(type, choice.name) && (!found || specificity(choice) > specificity(found))) found = choice;
  return found?.q ?? 0;
}

function fits(type: string, range: string): boolean {
  return range === type || range === '*/*' || (range.endsWith('/*') && type.startsWith(range.slice(0, -1)));
}

function specificity({ name }: Quality): number {
  return name === '*/*' ? 0 : name.endsWith('/*') ? 1 : 2;
}

function decodeExtended(text: string): string | undefined {
  const match = /^(utf-8|iso-8859-1)'[^']*'(.*)$/i.exec(text);
  if (!match) return undefined;
  const [, charset = '', encoded = ''] = match;
  if (charset.toLowerCase() !== 'utf-8')
    return encoded.replace(/%([\da-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  try {
    return decodeURIComponent(encoded);
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
