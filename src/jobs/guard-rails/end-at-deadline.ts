import type { PoolClient } from 'pg';
import { cancelRemainingItems } from '../../database/sql/cancel-remaining-items.ts';
import type { GuardedJob } from '../../database/sql/lock-guarded-job.ts';
import { releaseRunningChunks } from '../../database/sql/release-running-chunks.ts';
import { failStage } from '../../database/sql/set-stage-state.ts';
import { setJobState } from '../set-job-state.ts';
import { warnOfDeadline } from './warn-of-deadlines.ts';

const by = 'longhaul';

/** Ends a locked job of which nothing is in flight; what has ended of it is kept. */
export async function endAtDeadline(client: PoolClient, job: GuardedJob, deadlineAt: Date): Promise<void> {
  if (job.warnAt) await warnOfDeadline(client, job, deadlineAt);
  const message = `It had not ended at its deadline, ${deadlineAt.toISOString()}.`;
  if (job.settings.deadline?.action === 'CANCEL') {
    await setJobState(client, job, { to: 'CANCELING', by, message });
    await cancelRemainingItems(client, job.id);
    return await setJobState(client, job, { to: 'CANCELED', by, message });
  }
  await releaseRunningChunks(client, job.id);
  if (job.currentStage) await failStage(client, job.id, job.currentStage, message);
  await setJobState(client, job, { to: 'FAILED', by, message });
}
