/**
 * The pairs of a text/plain form (HTML 4.10.22.8): a line each, `name=value`, nothing decoded. The last line counts
 * with or without a line break; a line without `=` is a name without value; empty lines are skipped (decision D2).
 */
export function parseTextForm(text: string): [string, string][] {
  const pairs: [string, string][] = [];
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (line === '') continue;
    const mark = line.indexOf('=');
    pairs.push(mark < 0 ? [line, ''] : [line.slice(0, mark), line.slice(mark + 1)]);
  }
  return pairs;
}
