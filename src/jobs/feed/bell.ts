/** Wakes all who wait, without keeping anything for those who don't. */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring, or when the signal aborts. Check your condition, then wait, with nothing awaited between. */
  wait(signal: AbortSignal): Promise<void>;
}

/** A bell at which nobody waits yet. */
export function createBell(): Bell {
  const waiting = new Set<() => void>();
  return {
    ring() {
      const woken = [...waiting];
      waiting.clear();
      for (const wake of woken) wake();
    },
    wait(signal) {
      if (signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = () => {
          waiting.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        waiting.add(wake);
        signal.addEventListener('abort', wake, { once: true });
      });
    },
  };
}
