import type { PoolClient } from 'pg';
import type { Database } from '../database/database.ts';
import type { Job } from '../database/entities/job.ts';
import { closeGate } from '../database/sql/job-gate.ts';
import { lockJob } from '../database/sql/lock-job.ts';
import { releaseRunningChunks } from '../database/sql/release-running-chunks.ts';
import { failStage } from '../database/sql/set-stage-state.ts';
import type { InputIssue } from '../domain/errors.ts';
import { canTransition } from '../domain/job-state.ts';
import { setJobState } from './set-job-state.ts';

export interface JobFailure {
  jobId: string;
  /** What broke and what to do, for people. */
  message: string;
  /** Problems of the items, when validation refused the job. */
  problems?: readonly InputIssue[];
}

/** Ends a job that cannot go on; one that is being canceled, or has ended, is left alone. */
export async function failJob(database: Database, { jobId, ...failure }: JobFailure): Promise<void> {
  await database.transaction(async (client) => {
    await closeGate(client, jobId);
    const job = await lockJob(client, database.em(), jobId);
    if (job) await failLockedJob(client, job, failure);
  });
}

/** The same for a job that is locked, behind its closed gate. */
export async function failLockedJob(
  client: PoolClient,
  job: Job,
  { message, problems }: Omit<JobFailure, 'jobId'>,
): Promise<void> {
  if (!canTransition(job.state, 'FAILED')) return;
  await releaseRunningChunks(client, job.id);
  if (problems) {
    const listed = problems.map(({ row, field, message: problem }) => ({ row, field, message: problem }));
    await client.query('update jobs set problems = $2 where id = $1', [job.id, JSON.stringify(listed)]);
  }
  if (job.currentStage) await failStage(client, job.id, job.currentStage, message);
  await setJobState(client, job, { to: 'FAILED', by: 'longhaul', message });
}
