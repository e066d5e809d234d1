import type { Database } from '../database/database.ts';
import { findOpenChunks } from '../database/sql/find-open-chunks.ts';
import type { Activities } from '../domain/activities.ts';
import type { PlanLimits } from '../domain/partitions.ts';

/** What one run of a partition runs: the first open chunks of its span, so many that its history stays short. */
export async function listOpenChunks(
  { database, plan }: { database: Database; plan: PlanLimits },
  span: Parameters<Activities['listOpenChunks']>[0],
): ReturnType<Activities['listOpenChunks']> {
  const found = await findOpenChunks(database.pool, { ...span, limit: plan.batchChunks + 1 });
  return { indexes: found.slice(0, plan.batchChunks), hasMore: found.length > plan.batchChunks };
}
