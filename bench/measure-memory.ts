import type { Embedded } from '../src/embedded/start-embedded.ts';
import { startLonghaul } from './longhaul.ts';

export interface MemoryUse {
  items: number;
  /** What V8 may hold of objects, in MB: without a limit it lets garbage lie, so only with one the peak tells what is needed. */
  heapLimitMB: number | null;
  /** Peak of resident memory, in MB; null where the system does not say. */
  apiMB: number | null;
  workerMB: number | null;
}

const heapLimits = [null, 160];

/** Peaks of an API and a worker, started anew for each size and limit, that take an upload in, run it and tell of it. */
export async function measureMemory(embedded: Embedded, sizes: readonly number[]): Promise<MemoryUse[]> {
  const uses: MemoryUse[] = [];
  for (const [heapLimitMB, items] of heapLimits.flatMap((limit) => sizes.map((size) => [limit, size] as const))) {
    const longhaul = await startLonghaul(
      embedded,
      heapLimitMB === null ? {} : { NODE_OPTIONS: `--max-old-space-size=${heapLimitMB}` },
    );
    try {
      await longhaul.run({ items, itemBytes: 0 });
      const { api, worker } = await longhaul.peakMemory();
      uses.push({ items, heapLimitMB, apiMB: megabytes(api), workerMB: megabytes(worker) });
    } finally {
      await longhaul.stop();
    }
  }
  return uses;
}

function megabytes(bytes: number | null): number | null {
  return bytes === null ? null : Math.round(bytes / 1e6);
}
