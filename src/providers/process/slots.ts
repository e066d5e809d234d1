/** Room for so much work at a time; who comes later waits in line. */
export interface Slots {
  /** Whether work would begin at once. */
  hasRoom(): boolean;
  /** Does `work` when there is room. @throws the reason of `signal` when that aborts first */
  run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

export function createSlots(atOnce: number): Slots {
  const line = new Set<() => void>();
  let free = atOnce;

  function take(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (free > 0) {
      free -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal.removeEventListener('abort', leave);
        line.delete(enter);
        resolve();
      };
      const leave = () => {
        line.delete(enter);
        reject(signal.reason);
      };
      signal.addEventListener('abort', leave, { once: true });
      line.add(enter);
    });
  }

  function give(): void {
    const [next] = line;
    if (next) next();
    else free += 1;
  }

  return {
    hasRoom: () => free > 0,
    async run(signal, work) {
      await take(signal);
      try {
        return await work();
      } finally {
        give();
      }
    },
  };
}
