/** Byte sequences at every boundary of UTF-8 (RFC 3629), those that are text and those that are not. */

const bytes = (...list: number[]): Buffer => Buffer.from(list);
const greek = Buffer.from('κόσμε');

/** The bit pattern of a code point in so many bytes, whether or not that is allowed. */
function pattern(point: number, length: number): Buffer {
  if (length === 1) return bytes(point);
  const tail: number[] = [];
  let rest = point;
  for (let index = 1; index < length; index += 1) {
    tail.unshift(0x80 | (rest % 64));
    rest = Math.floor(rest / 64);
  }
  const lead = [0, 0, 0xc0, 0xe0, 0xf0, 0xf8, 0xfc][length] ?? 0;
  return bytes(lead | rest, ...tail);
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** Text, with what is special about it. */
export const validUtf8: ReadonlyMap<string, Buffer> = new Map([
  ['one to four bytes', Buffer.from('hello$¢€𤭢world')],
  ['Greek', greek],
  ...[2, 4, 6, 8, 10].map((end) => [`a prefix of ${end} bytes`, greek.subarray(0, end)] as const),
  ['U+0000', pattern(0, 1)],
  ['U+0080', pattern(0x80, 2)],
  ['U+0800', pattern(0x800, 3)],
  ['U+10000', pattern(0x10000, 4)],
  ['U+007F', pattern(0x7f, 1)],
  ['U+07FF', pattern(0x7ff, 2)],
  ['U+FFFF', pattern(0xffff, 3)],
  ['U+10FFFF', pattern(0x10ffff, 4)],
  ['U+D7FF, before the surrogates', pattern(0xd7ff, 3)],
  ['U+E000, behind the surrogates', pattern(0xe000, 3)],
  ['U+FFFD, the replacement character', pattern(0xfffd, 3)],
  ['U+FEFF, the byte order mark', pattern(0xfeff, 3)],
  [
    'the noncharacters U+nFFFE and U+nFFFF',
    Buffer.concat(
      range(0, 16).flatMap((plane) => {
        const length = plane === 0 ? 3 : 4;
        return [pattern(plane * 0x10000 + 0xfffe, length), pattern(plane * 0x10000 + 0xffff, length)];
      }),
    ),
  ],
]);

/** What is no text, with the reason. */
export const invalidUtf8: ReadonlyMap<string, Buffer> = new Map([
  ...[1, 3, 5, 7, 9].map((end) => [`a character cut after ${end} bytes`, greek.subarray(0, end)] as const),
  ['five bytes', pattern(0x200000, 5)],
  ['six bytes', pattern(0x4000000, 6)],
  ['the last of four bytes', pattern(0x1fffff, 4)],
  ['U+110000', pattern(0x110000, 4)],
  ['one continuation byte', bytes(0x80)],
  ['the last continuation byte', bytes(0xbf)],
  ...range(2, 7).map((count) => [`${count} continuation bytes`, Buffer.alloc(count, 0x80)] as const),
  ['every continuation byte', Buffer.from(range(0x80, 0xbf))],
  ['every lead of two bytes, each with a space', Buffer.from(range(0xc0, 0xdf).flatMap((lead) => [lead, 0x20]))],
  ['every lead of three bytes, each with a space', Buffer.from(range(0xe0, 0xef).flatMap((lead) => [lead, 0x20]))],
  ['every lead of four bytes, each with a space', Buffer.from(range(0xf0, 0xf7).flatMap((lead) => [lead, 0x20]))],
  ...[2, 3, 4, 5, 6].map(
    (length) =>
      [`a form of ${length} bytes without its last`, pattern(0x7fffffff, length).subarray(0, length - 1)] as const,
  ),
  ['several unfinished forms in a row', bytes(0xc0, 0xe0, 0x80, 0xf0, 0x80, 0x80, 0xdf, 0xef, 0xbf)],
  ['the byte FE', bytes(0xfe)],
  ['the byte FF', bytes(0xff)],
  ['FE FE FF FF', bytes(0xfe, 0xfe, 0xff, 0xff)],
  ...[2, 3, 4, 5, 6].map((length) => [`a slash in ${length} bytes`, pattern(0x2f, length)] as const),
  ...[2, 3, 4, 5, 6].map((length) => [`NUL in ${length} bytes`, pattern(0, length)] as const),
  ['the last overlong form of two bytes', pattern(0x7f, 2)],
  ['the last overlong form of three bytes', pattern(0x7ff, 3)],
  ['the last overlong form of four bytes', pattern(0xffff, 4)],
  ...[0xd800, 0xdb7f, 0xdb80, 0xdbff, 0xdc00, 0xdf80, 0xdfff].map(
    (point) => [`the surrogate ${point.toString(16).toUpperCase()}`, pattern(point, 3)] as const,
  ),
  ['a pair of surrogates', Buffer.concat([pattern(0xd800, 3), pattern(0xdc00, 3)])],
]);
