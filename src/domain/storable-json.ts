/** Why a value cannot be kept as jsonb, and where in it; `path` is empty for the value itself. */
export interface Unstorable {
  path: string[];
  message: string;
}

/** Deeper values are no data of ours, and would overflow the stack of those who read them. */
const maxDepth = 64;

/**
 * The first thing in a value that Postgres' jsonb refuses though JSON allows it: NUL characters and halves of surrogate
 * pairs (Postgres manual, 8.14), or what is nested too deeply. Null when there is none.
 */
export function findUnstorable(value: unknown, depth = 0): Unstorable | null {
  if (typeof value === 'string') {
    const message = problemOf(value);
    return message === null ? null : { path: [], message };
  }
  if (typeof value !== 'object' || value === null) return null;
  if (depth === maxDepth) return { path: [], message: `is nested more than ${maxDepth} levels deep` };
  for (const [name, member] of Object.entries(value)) {
    const nameProblem = problemOf(name);
    if (nameProblem !== null) return { path: [], message: `has a field whose name ${nameProblem}` };
    const found = findUnstorable(member, depth + 1);
    if (found) return { path: [name, ...found.path], message: found.message };
  }
  return null;
}

function problemOf(text: string): string | null {
  if (text.includes('\0')) return 'holds a NUL character';
  return text.isWellFormed() ? null : 'holds half of a surrogate pair, which is no character';
}

/** The value as it can be stored and shown: what jsonb refuses is replaced by U+FFFD, what is too deep by "…". */
export function toStorable(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '\uFFFD').toWellFormed();
  if (typeof value !== 'object' || value === null) return value;
  if (depth === maxDepth) return '…';
  if (Array.isArray(value)) return value.map((member) => toStorable(member, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [String(toStorable(name)), toStorable(member, depth + 1)]),
  );
}
