import { randomUUID } from 'node:crypto';
import type { Database } from '../../src/database/database.ts';
import { JobEntity } from '../../src/database/entities/job.ts';
import { newId } from '../../src/database/new-id.ts';
import { appendJobEvent } from '../../src/database/sql/append-job-event.ts';
import { lockJob } from '../../src/database/sql/lock-job.ts';
import type { JobState } from '../../src/domain/job-state.ts';
import { scopes } from '../../src/domain/scope.ts';
import type { Viewer } from '../../src/jobs/commands.ts';
import { setJobState } from '../../src/jobs/set-job-state.ts';

/** Somebody of a project that no other test sees. */
export function makeViewer(projectId = newId()): Viewer {
  return {
    projectId,
    projectName: 'test',
    caller: { kind: 'API_KEY', id: randomUUID(), name: 'test' },
    scopes,
    jobId: null,
    expiresAt: null,
  };
}

/** A RUNNING job whose journal has no entry yet. */
export async function insertRunningJob(database: Database, viewer: Viewer, title = 'A job'): Promise<string> {
  const id = newId();
  await database.em().insert(JobEntity, {
    id,
    projectId: viewer.projectId,
    inputHash: '',
    type: 'echo',
    title,
    state: 'RUNNING',
    priority: 'NORMAL',
    chunkPriority: 5,
    validation: 'MODERATE',
    options: {},
    metadata: {},
    source: { kind: 'inline', items: [] },
  });
  return id;
}

/** Appends `count` entries, each in a transaction of its own, as chunks do. */
export async function appendEntries(database: Database, jobId: string, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    await database.transaction((client) =>
      appendJobEvent(client, jobId, 'StageStarted', {
        stage: 'RUN',
        generation: 0,
        total: count,
        completed: n,
        failed: 0,
      }),
    );
  }
}

/** Moves the job along its states, each step in one transaction with its entry. */
export async function moveJob(database: Database, jobId: string, ...states: JobState[]): Promise<void> {
  for (const to of states) {
    await database.transaction(async (client) => {
      const job = await lockJob(client, database.em(), jobId);
      if (!job) throw new Error(`There is no job ${jobId}.`);
      await setJobState(client, job, { to, by: 'test' });
    });
  }
}

/** Entries 1 and 2: the job is over. */
export function completeJob(database: Database, jobId: string): Promise<void> {
  return moveJob(database, jobId, 'COMPLETING', 'COMPLETED');
}
