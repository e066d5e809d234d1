import { addDecimals, compareDecimals, formatDecimal, parseDecimal, type ExactDecimal } from './exact-decimal.ts';
import type { ItemCosts } from './guard-rails.ts';

const nothing: ExactDecimal = { units: 0n, scale: 0 };

/** What `items` cost in a stage, exactly. */
export function costOf(costs: ItemCosts, stage: string, items: number): ExactDecimal {
  const price = parseDecimal(costs.perItem[stage] ?? '0');
  return { units: price.units * BigInt(items), scale: price.scale };
}

/** What a job has spent: `before` in earlier generations, and for the items that its stages are done with in this one. */
export function spentOn(costs: ItemCosts, before: string, completed: Readonly<Record<string, number>>): string {
  const amounts = Object.entries(completed).map(([stage, items]) => costOf(costs, stage, items));
  return formatDecimal(amounts.reduce(addDecimals, parseDecimal(before)));
}

/** What is left of a budget for items that are not being worked on; below zero when it was lowered meanwhile. */
export function leftOf(amount: string, spent: string, reserved: ExactDecimal): string {
  const used = addDecimals(parseDecimal(spent), reserved);
  return formatDecimal(addDecimals(parseDecimal(amount), { units: -used.units, scale: used.scale }));
}

/** True when what is left pays for it; what costs nothing is always covered. */
export function covers(left: string, cost: ExactDecimal): boolean {
  return cost.units === nothing.units || compareDecimals(parseDecimal(left), cost) >= 0;
}
