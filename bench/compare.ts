import type { Contender, Load } from './contender.ts';
import { itemsPerSecond, median, round } from './figures.ts';

export interface Compared {
  name: string;
  /** Median of the rounds. */
  itemsPerSecond: number;
  /** How many times as fast the first contender was, in the median of the rounds. */
  firstIsFaster: number;
}

/** Runs all contenders after one another, round by round: what disturbs the machine then disturbs all. */
export async function compare(contenders: readonly Contender[], load: Load, rounds: number): Promise<Compared[]> {
  const rates = contenders.map((): number[] => []);
  for (let index = 0; index < rounds; index += 1) {
    for (const [position, { name, share, run }] of contenders.entries()) {
      const items = Math.ceil(load.items * share);
      const rate = itemsPerSecond(items, await run({ ...load, items }));
      rates[position]?.push(rate);
      console.log(`  round ${index + 1}  ${name.padEnd(32)}${rate.toLocaleString('en').padStart(10)} items/s`);
    }
  }
  const [first = []] = rates;
  return contenders.map(({ name }, position) => ({
    name,
    itemsPerSecond: median(rates[position] ?? []),
    firstIsFaster: round(median((rates[position] ?? []).map((rate, index) => (first[index] ?? 0) / rate))),
  }));
}
