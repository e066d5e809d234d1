import { itemsPerSecond, median } from './figures.ts';
import { atLeast, figure, type Judged } from './judged.ts';
import type { Longhaul } from './longhaul.ts';

/** Of the rate at the middle size, what the largest job keeps. A small job is mostly its beginning and end. */
const keptShare = 0.9;

/** Items a second of jobs of a hundredth, a tenth and all of `items`, round by round. */
export async function measureScale(longhaul: Longhaul, items: number, rounds: number): Promise<Judged[]> {
  const sizes = [items / 100, items / 10, items].map(Math.ceil);
  const rates = new Map(sizes.map((size) => [size, [] as number[]]));
  for (let index = 0; index < rounds; index += 1) {
    for (const size of sizes)
      rates.get(size)?.push(itemsPerSecond(size, await longhaul.run({ items: size, itemBytes: 0 })));
  }
  const [small = 0, middle = 0, large = 0] = sizes.map((size) => median(rates.get(size) ?? []));
  return [
    figure(`items/s, job of ${sizes[0]}`, small),
    figure(`items/s, job of ${sizes[1]}`, middle),
    figure(`items/s, job of ${sizes[2]}`, large),
    atLeast('rate of the largest / of the middle one', large / middle, keptShare),
  ];
}
