import { isTerminal } from '../../src/domain/job-state.ts';
import type { TestEngine } from './engine.ts';
import { waitFor } from './wait-for.ts';

/** Does whatever a job leaves to those outside, until the job is over: every stage completes, every item succeeds. */
export async function workOutside({ services, viewer, getJob }: TestEngine, jobId: string): Promise<void> {
  const { outside, reads } = services;
  const claims = { workerId: 'test', jobId, stages: null, leaseSeconds: 60 };
  const nothing = { total: null, completed: null, failed: null, metadata: {} };
  await waitFor(
    async () => {
      for (
        let claim = await outside.claimChunk(viewer, claims);
        claim;
        claim = await outside.claimChunk(viewer, claims)
      ) {
        const ended = { state: 'SUCCEEDED', output: { data: null }, error: null, durationMs: 0 } as const;
        const results = claim.items.map(({ index }) => ({ ...ended, index }));
        await outside.completeChunk(viewer, { chunk: claim.chunk, attempt: claim.attempt, results });
      }
      const stages = await reads.listStages([jobId]);
      const next = stages.find(({ state }) => state !== 'COMPLETED');
      const isReady = (await getJob(jobId)).state === 'RUNNING';
      if (isReady && next?.external && next.kind === 'ONCE') {
        await outside.startStage(viewer, { jobId, stage: next.name, ...nothing });
        await outside.completeStage(viewer, { jobId, stage: next.name, ...nothing });
      }
      return isTerminal((await getJob(jobId)).state);
    },
    { description: `job ${jobId} to end by work from outside` },
  );
}
