/** First and last byte of a part, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** More ranges than this are a burden, not a request: the whole file is sent (RFC 9110 14.2, 17.15). */
export const maxRanges = 16;

/**
 * The parts a Range header asks for (RFC 9110 14.1.2), in the order asked; neighbours that touch become one.
 * @returns undefined when the whole file is to be sent: another unit, a malformed header, overlapping or too many
 *   parts; [] when no part lies inside the file (416)
 */
export function parseRange(header: string, size: number): ByteRange[] | undefined {
  const list = /^bytes\s*=\s*(.+)$/i.exec(header.trim())?.[1];
  if (list === undefined) return undefined;
  const parts = list.split(',');
  if (parts.length > maxRanges) return undefined;
  const ranges: ByteRange[] = [];
  for (const part of parts) {
    const match = /^\s*(\d{0,15})\s*-\s*(\d{0,15})\s*$/.exec(part);
    if (!match || (match[1] === '' && match[2] === '')) return undefined;
    const first = match[1] === '' ? undefined : Number(match[1]);
    const last = match[2] === '' ? undefined : Number(match[2]);
    if (first !== undefined && last !== undefined && last < first) return undefined;
    const start = first ?? Math.max(0, size - (last ?? 0));
    const end = first === undefined ? size - 1 : Math.min(last ?? size - 1, size - 1);
    if (start > end) continue;
    const before = ranges.at(-1);
    if (before && before.end + 1 === start) ranges[ranges.length - 1] = { start: before.start, end };
    else ranges.push({ start, end });
  }
  const sorted = [...ranges].sort((a, b) => a.start - b.start);
  for (let index = 1; index < sorted.length; index += 1)
    if ((sorted[index]?.start ?? 0) <= (sorted[index - 1]?.end ?? 0)) return undefined;
  return ranges;
}
