/** 1, 2, … `length`. */
export function isSequence(numbers: readonly number[], length: number): boolean {
  return numbers.length === length && numbers.every((number, index) => number === index + 1);
}

/** As short as they can be said: `1..7, 9..12`. */
export function toRuns(numbers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last && number === last[1] + 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs.length === 0 ? 'nothing' : runs.map(([from, to]) => `${from}..${to}`).join(', ');
}
