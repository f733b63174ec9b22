// What a measurement says of a target.

/**
 * @param measure what was compared, as a row's text
 * @param value the ratio
 * @param target the bound, with `atMost` an upper one
 */
export function verdict(measure, value, target, { atMost = false, unit = '×' } = {}) {
  return { measure, value, target, atMost, unit, met: atMost ? value <= target : value >= target };
}

/** A table of CPU and rate, first row ours: the others as multiples of our cost. */
export function costTable(title, results) {
  const [ours] = results;
  return {
    title,
    head: ['', 'CPU µs/request', 'of it kernel', 'requests/s', 'CPU beside ours'],
    rows: results.map(({ name, cpu, system, rate }) => [
      name,
      cpu.toFixed(1),
      system.toFixed(1),
      Math.round(rate),
      (cpu / ours.cpu).toFixed(2),
    ]),
  };
}
