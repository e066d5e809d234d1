/** What the database's clock said (`now`) while this process's own stood between the other two; milliseconds. */
export interface ClockReading {
  now: number;
  notBefore: number;
  notAfter: number;
}

/** Where the database's clock is, on that of this process. */
export interface DatabaseClock {
  note(reading: ClockReading): void;
  /** When it is `at` there, at the latest. */
  latest(at: number): number;
  /** By how much that may be too late. */
  uncertaintyMs(): number;
}

/** Two clocks part by no more than this in a millisecond; those that a network time service slews by half of it. */
const drift = 0.001;

/**
 * Each reading says in which bounds the clocks differ, and what they have in common is narrower than any: so an answer that took long,
 * as on a busy machine, makes no slot older.
 */
export function createDatabaseClock(): DatabaseClock {
  let bounds = { least: -Infinity, most: Infinity };
  let notedAt = 0;
  return {
    note: ({ now, notBefore, notAfter }) => {
      const read = { least: notBefore - now, most: notAfter - now };
      const moved = Math.max(0, notAfter - notedAt) * drift;
      const common = {
        least: Math.max(read.least, bounds.least - moved),
        most: Math.min(read.most, bounds.most + moved),
      };
      // A clock that was set is another clock.
      bounds = common.least <= common.most ? common : read;
      notedAt = notAfter;
    },
    latest: (at) => at + bounds.most,
    uncertaintyMs: () => bounds.most - bounds.least,
  };
}
