/**
 * The pairs of a text/plain form (HTML 4.10.22.8): a line each, `name=value`. The last line counts with or without a
 * line break; a line without `=` is a name without value (decision D2).
 */
export function parseTextForm(text: string): [string, string][] {
  const lines = text.split(/\r\n|\n|\r/);
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) => {
    const mark = line.indexOf('=');
    return mark < 0 ? [line, ''] : [line.slice(0, mark), line.slice(mark + 1)];
  });
}
