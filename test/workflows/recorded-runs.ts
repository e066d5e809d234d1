import { randomUUID } from 'node:crypto';
import type { WorkflowClient, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type { Activities, NextStep } from '../../src/domain/activities.ts';
import { scriptedActivities, untilCanceled } from './scripted-activities.ts';

export interface Recording {
  workflow: WorkflowClient;
  taskQueue: string;
}

/** One run of a workflow, and what its activities answer. */
export interface RecordedRun {
  activities(recording: Recording, jobId: string): Activities;
  start(recording: Recording, jobId: string): Promise<WorkflowHandleWithFirstExecutionRunId>;
}

const stage = { stage: 1, generation: 0, taskPriority: 3 };
const chunks = (count: number, window = 2): Extract<NextStep, { kind: 'CHUNKS' }> => ({
  kind: 'CHUNKS',
  ...stage,
  indexes: Array.from({ length: count }, (_, index) => index),
  window,
});
const partitions: NextStep = {
  kind: 'PARTITIONS',
  ...stage,
  lanes: 2,
  partitions: [
    { first: 0, last: 6 },
    { first: 7, last: 9 },
    { first: 10, last: 10 },
  ],
};

/** The second stage needs workers of a certain kind. */
const throughStages: NextStep = {
  ...chunks(2),
  lane: [
    { stage: 1, worker: 'DEFAULT' },
    { stage: 2, worker: 'ENCODE' },
  ],
};

/** Chunks that hold one lock key follow each other. */
const inRuns: NextStep = {
  ...chunks(3),
  runs: [
    [3, 4, 5],
    [6, 7],
  ],
};

/** Every chunk tells a smaller share of its job. */
const weighed: Partial<Activities> = { runChunk: async ({ index }) => ({ fairnessWeight: 1 / (index + 2) }) };

/** What is recorded by `npm run histories`, by the name of its file. */
export const recordedRuns: Record<string, RecordedRun> = {
  'create-export': run('createExport', () => [{ exportId: 'a' }]),
  'maintenance-in-batches': run('maintenance', () => [], { cleanUp: thirdTime() }),
  'purge-in-batches': run('purgeJobs', () => [], { purgeJobs: thirdTime() }),
  'run-partition-in-batches': run('runPartition', (jobId) => [{ jobId, ...stage, first: 0, last: 7 }]),
  'run-partition-yielded': run('runPartition', (jobId) => [{ jobId, ...stage, first: 0, last: 3 }], {
    runChunk: async ({ index }) => (index === 1 ? 'YIELDED' : 'DONE'),
  }),
  'run-job-to-its-end': runJob([
    { kind: 'INGEST', generation: 0 },
    chunks(5),
    { kind: 'ONCE', stage: 2, generation: 0 },
    { kind: 'EXPORTS', exportIds: [randomUUID(), randomUUID()] },
    { kind: 'WAIT', forMs: 10 },
  ]),
  'run-job-writes-back': runJob([chunks(1), { kind: 'WRITE_BACK' }]),
  'run-job-from-stage-to-stage': runJob([throughStages]),
  'run-job-called-off': calledOff({ atStage: 2 }),
  'run-job-called-off-early': calledOff({ atStage: 1 }),
  'run-job-in-runs': runJob([inRuns]),
  'run-job-in-runs-yielded': runJob([inRuns], { runChunk: async ({ index }) => (index === 3 ? 'YIELDED' : 'DONE') }),
  'run-job-weighed': runJob([chunks(4), { ...throughStages, runs: [[2, 3]] }], weighed),
  'run-partition-weighed': run('runPartition', (jobId) => [{ jobId, ...stage, first: 0, last: 7 }], weighed),
  'run-job-yielded': runJob([chunks(6)], { runChunk: async ({ index }) => (index === 2 ? 'YIELDED' : 'DONE') }),
  'run-job-continued': runJob([chunks(175, 1), chunks(3)]),
  'run-job-woken': {
    activities: ({ workflow }, jobId) => {
      const { activities } = scriptedActivities([{ kind: 'WAIT' }, { kind: 'ONCE', stage: 1, generation: 0 }]);
      const advanceJob: Activities['advanceJob'] = async (input) => {
        const step = await activities.advanceJob(input);
        const wake = () => void workflow.getHandle(`job:${jobId}`).signal('wake');
        if (step.kind === 'WAIT') setTimeout(wake, 500);
        return step;
      };
      return { ...activities, advanceJob };
    },
    start: (recording, jobId) => start(recording, 'runJob', `job:${jobId}`, [{ jobId }]),
  },
  'run-job-in-lanes': runJob([partitions]),
  'run-job-whose-lane-is-ended': {
    activities: ({ workflow }, jobId) => {
      const { activities } = scriptedActivities([partitions]);
      const runChunk: Activities['runChunk'] = async ({ index }) => {
        if (index !== 0) return 'DONE';
        await workflow.getHandle(`job:${jobId}:lane-0`).terminate();
        return await untilCanceled();
      };
      return { ...activities, runChunk };
    },
    start: (recording, jobId) => start(recording, 'runJob', `job:${jobId}`, [{ jobId }]),
  },
  'run-job-drains': runAfterLostLane([{ kind: 'DRAIN', lanes: 2 }]),
  'run-job-meets-a-lane': runAfterLostLane([partitions]),
};

/** A workflow that answers to nobody, by activities that follow no other script than this. */
function run(type: string, args: (jobId: string) => unknown[], overrides: Partial<Activities> = {}): RecordedRun {
  return {
    activities: () => scriptedActivities([], overrides).activities,
    start: (recording, jobId) => start(recording, type, `${type}:${jobId}`, args(jobId)),
  };
}

function runJob(steps: NextStep[], overrides: Partial<Activities> = {}): RecordedRun {
  return {
    activities: () => scriptedActivities([...steps], overrides).activities,
    start: (recording, jobId) => start(recording, 'runJob', `job:${jobId}`, [{ jobId }]),
  };
}

/** A job that is told to stop while its chunks wait in a stage. */
function calledOff({ atStage }: { atStage: number }): RecordedRun {
  return {
    activities: ({ workflow }, jobId) => {
      const { activities } = scriptedActivities([throughStages]);
      const runChunk: Activities['runChunk'] = async (chunk) => {
        if (chunk.stage !== atStage) return 'DONE';
        await workflow.getHandle(`job:${jobId}`).signal('wake');
        return await untilCanceled();
      };
      return { ...activities, runChunk, mayGoOn: async () => false };
    },
    start: (recording, jobId) => start(recording, 'runJob', `job:${jobId}`, [{ jobId }]),
  };
}

/** A coordinator that finds a lane of one before it, whose chunk runs until it is told to stop. */
function runAfterLostLane(steps: NextStep[]): RecordedRun {
  const running = Promise.withResolvers<void>();
  return {
    activities: () => {
      const { activities } = scriptedActivities([...steps]);
      const runChunk: Activities['runChunk'] = async ({ index }) => {
        if (index !== lostChunk) return 'DONE';
        running.resolve();
        return await untilCanceled();
      };
      return { ...activities, runChunk };
    },
    start: async (recording, jobId) => {
      const lost = { jobId, ...stage, first: lostChunk, last: lostChunk };
      await start(recording, 'runPartition', `job:${jobId}:lane-0`, [lost]);
      await running.promise;
      return await start(recording, 'runJob', `job:${jobId}`, [{ jobId }]);
    },
  };
}

const lostChunk = 99;

function start({ workflow, taskQueue }: Recording, type: string, workflowId: string, args: unknown[]) {
  return workflow.start(type, { workflowId, taskQueue, args });
}

function thirdTime(): () => Promise<boolean> {
  let times = 0;
  return async () => (times += 1) === 3;
}
