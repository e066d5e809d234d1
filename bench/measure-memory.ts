import type { Embedded } from '../src/embedded/start-embedded.ts';
import { startLonghaul } from './longhaul.ts';

export interface MemoryUse {
  items: number;
  /** Peak of resident memory, in MB; null where the system does not say. */
  apiMB: number | null;
  workerMB: number | null;
}

/** Peaks of an API and a worker, started anew for each size, that take an upload in, run it and tell of it. */
export async function measureMemory(embedded: Embedded, sizes: readonly number[]): Promise<MemoryUse[]> {
  const uses: MemoryUse[] = [];
  for (const items of sizes) {
    const longhaul = await startLonghaul(embedded);
    try {
      await longhaul.run({ items, itemBytes: 0 });
      const { api, worker } = await longhaul.peakMemory();
      uses.push({ items, apiMB: megabytes(api), workerMB: megabytes(worker) });
    } finally {
      await longhaul.stop();
    }
  }
  return uses;
}

function megabytes(bytes: number | null): number | null {
  return bytes === null ? null : Math.round(bytes / 1e6);
}
