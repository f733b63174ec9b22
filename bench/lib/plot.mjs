// A line plot as SVG: a handful of points, axes linear or logarithmic, readable on light and dark pages.
const size = { width: 640, height: 360, left: 70, right: 130, top: 36, bottom: 46 };
const colors = ['#2f6fed', '#d9480f', '#2b8a3e', '#9c36b5', '#868e96'];

/**
 * @param plot `{title, x: {label, log}, y: {label, log}, series: [{name, points: [[x, y]]}]}`
 * @returns the text of an SVG file
 */
export function encodePlot({ title, x, y, series }) {
  const points = series.flatMap((one) => one.points);
  const xScale = scaleOf(
    points.map(([value]) => value),
    x.log,
    size.left,
    size.width - size.right,
    false,
  );
  const yScale = scaleOf(
    points.map(([, value]) => value),
    y.log,
    size.height - size.bottom,
    size.top,
    !y.log,
  );
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" font-family="system-ui, sans-serif" font-size="12">`,
    '<style>text{fill:#555}.grid{stroke:#8888;stroke-width:.5}@media(prefers-color-scheme:dark){text{fill:#bbb}}</style>',
    `<text x="${size.left}" y="18" font-size="14">${escape(title)}</text>`,
  ];
  for (const tick of xScale.ticks)
    parts.push(
      line(xScale.at(tick), size.top, xScale.at(tick), size.height - size.bottom),
      text(xScale.at(tick), size.height - size.bottom + 16, short(tick), 'middle'),
    );
  for (const tick of yScale.ticks)
    parts.push(
      line(size.left, yScale.at(tick), size.width - size.right, yScale.at(tick)),
      text(size.left - 6, yScale.at(tick) + 4, short(tick), 'end'),
    );
  parts.push(text((size.left + size.width - size.right) / 2, size.height - 8, x.label, 'middle'));
  parts.push(
    `<text transform="translate(14 ${(size.top + size.height - size.bottom) / 2}) rotate(-90)" text-anchor="middle">${escape(y.label)}</text>`,
  );
  series.forEach((one, index) => {
    const color = colors[index % colors.length];
    const places = one.points.map(([px, py]) => `${xScale.at(px).toFixed(1)},${yScale.at(py).toFixed(1)}`);
    parts.push(`<polyline fill="none" stroke="${color}" stroke-width="2" points="${places.join(' ')}"/>`);
    for (const place of places) parts.push(`<circle r="3" fill="${color}" cx="${place.replace(',', '" cy="')}"/>`);
    const row = size.top + 8 + index * 18;
    parts.push(`<rect x="${size.width - size.right + 12}" y="${row - 8}" width="10" height="10" fill="${color}"/>`);
    parts.push(text(size.width - size.right + 28, row + 1, one.name, 'start'));
  });
  return `${parts.join('\n')}\n</svg>\n`;
}

/** Values to pixels; logarithmic axes have a tick for each power of ten, linear ones some five round ones. */
function scaleOf(values, log, from, to, fromZero) {
  if (log) {
    const low = Math.floor(Math.log10(Math.min(...values)));
    const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
    const ticks = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
    return { ticks, at: (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from) };
  }
  const most = Math.max(...values);
  const least = fromZero ? 0 : Math.min(...values);
  const rough = (most - least) / 5 || 1;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * unit).find((one) => one >= rough) ?? rough;
  const end = Math.ceil(most / step) * step;
  const ticks = Array.from({ length: Math.round((end - least) / step) + 1 }, (_, index) => least + index * step);
  return { ticks, at: (value) => from + ((value - least) / (end - least)) * (to - from) };
}

function line(x1, y1, x2, y2) {
  return `<line class="grid" x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}"/>`;
}

function text(x, y, content, anchor) {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${escape(content)}</text>`;
}

function short(value) {
  if (value >= 1_000_000) return `${value / 1_000_000}M`;
  if (value >= 1000) return `${value / 1000}k`;
  return String(Number(value.toPrecision(3)));
}

function escape(content) {
  return String(content).replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
