import type { Logger } from 'pino';
import type { Database } from '../database/database.ts';
import { JobEntity } from '../database/entities/job.ts';
import { lockJob } from '../database/sql/lock-job.ts';
import { listStages } from '../database/sql/list-stages.ts';
import { endStage } from '../database/sql/set-stage-state.ts';
import { readOptions } from '../job-types/read-options.ts';
import { getJobType } from '../job-types/registry.ts';

/** Runs a stage that runs once; what it writes, the aggregates that it returns and the end of the stage commit together. */
export async function runOnceStage(
  { database, log }: { database: Database; log: Logger },
  input: { jobId: string; stage: number; generation: number; signal: AbortSignal },
): Promise<void> {
  await database.transaction(async (client) => {
    const stages = await listStages(client, input.jobId);
    const stage = stages.find(({ position }) => position === input.stage);
    const job = await database.em().findOne(JobEntity, { id: input.jobId });
    if (!job || stage?.state !== 'RUNNING' || job.generation !== input.generation) return;
    const jobType = getJobType(job.type);
    const declared = jobType.stages.find(({ name }) => name === stage.name);
    if (declared?.kind !== 'ONCE')
      throw new Error(`Job type ${job.type} has no stage ${stage.name} that runs once any more.`);
    const result = await declared.run({
      jobId: job.id,
      projectId: job.projectId,
      options: readOptions(jobType, job.options),
      generation: job.generation,
      signal: input.signal,
      log: log.child({ job_id: job.id, stage: stage.name }),
      sql: client,
    });
    // Another attempt may have done the same meanwhile: the first to lock the job counts.
    const locked = await lockJob(client, database.em(), job.id);
    const [current] = (await listStages(client, job.id)).filter(({ position }) => position === input.stage);
    if (!locked || current?.state !== 'RUNNING') return;
    if (result) await client.query('update jobs set aggregates = $2 where id = $1', [job.id, JSON.stringify(result)]);
    await client.query('update stages set completed = 1 where job_id = $1 and position = $2', [job.id, input.stage]);
    await endStage(client, job.id, stage, 'COMPLETED');
  });
}
