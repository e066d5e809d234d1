export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

export function itemsPerSecond(items: number, ms: number): number {
  return Math.round((items / ms) * 1_000);
}

export function round(value: number): number {
  return Number(value.toPrecision(3));
}
