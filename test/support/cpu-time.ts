/** Milliseconds of CPU the quickest of a few runs takes: what the code costs, whatever else the machine does. */
export function leastCpu(run: () => void, rounds = 5): number {
  let least = Infinity;
  for (let round = 0; round < rounds; round += 1) {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}
