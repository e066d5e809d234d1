export type Direction = 'ltr' | 'rtl';

const rightToLeft =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;
const strong = /[\p{L}]/u;

/** The direction of a text by its first letter. */
export function directionOf(text: string): Direction {
  return letterDirection(text) ?? 'ltr';
}

/** Null for what has no letter: numbers, signs, pictures. */
export function letterDirection(text: string): Direction | null {
  const letter = strong.exec(text)?.[0];
  if (letter === undefined) return null;
  return rightToLeft.test(letter) ? 'rtl' : 'ltr';
}

/**
 * Positions of words from left to right, as the bidirectional algorithm has it for whole words: words that run the other
 * way than the line keep their own order among themselves. Numbers go on with what they follow; signs and pictures go with
 * the run that they stand in, else with the line.
 */
export function orderWords(words: readonly string[], line: Direction): number[] {
  const own = words.map(letterDirection);
  const runs: { direction: Direction; positions: number[] }[] = [];
  for (const [position, direction] of own.entries()) {
    const last = runs.at(-1);
    const next = own.slice(position + 1).find((each) => each !== null) ?? line;
    const isNumber = /\p{Nd}/u.test(words[position] ?? '');
    const resolved = direction ?? (last !== undefined && (isNumber || last.direction === next) ? last.direction : line);
    if (last?.direction === resolved) last.positions.push(position);
    else runs.push({ direction: resolved, positions: [position] });
  }
  const ordered = runs.map(({ direction, positions }) => (direction === 'rtl' ? positions.toReversed() : positions));
  return (line === 'rtl' ? ordered.toReversed() : ordered).flat();
}
