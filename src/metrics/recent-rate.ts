/** Seconds that a rate is taken over. */
export const rateSeconds = 60;

/** How often something happened of late, per second, in one count for each second. */
export interface RecentRate {
  add(count: number): void;
  perSecond(): number;
}

/** @param nowMs a clock that never goes back */
export function createRecentRate(nowMs: () => number = () => performance.now()): RecentRate {
  const counts = new Map<number, number>();
  const second = () => Math.floor(nowMs() / 1_000);

  function forgetOld(): void {
    // In the order of time: the first that is young enough ends it.
    for (const then of counts.keys()) {
      if (then > second() - rateSeconds) break;
      counts.delete(then);
    }
  }

  return {
    add(count) {
      forgetOld();
      counts.set(second(), (counts.get(second()) ?? 0) + count);
    },
    perSecond() {
      forgetOld();
      let sum = 0;
      for (const count of counts.values()) sum += count;
      return sum / rateSeconds;
    },
  };
}
