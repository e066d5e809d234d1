import type { Job } from '../../src/database/entities/job.ts';
import type { TestApi } from './api.ts';
import { waitFor } from './wait-for.ts';

/** The answer of a mutation: its payload, or the error that it names. */
export interface Refusal {
  __typename: string;
  message?: string;
  state?: string | null;
  issues?: { path: string[]; message: string }[];
}

/** A chunk as a worker outside gets it. */
export interface Claim {
  chunk: { id: string; firstItem: string };
  stage: string;
  attempt: number;
  leaseUntil: string;
  items: { index: string; key: string; input: { url: string } }[];
}

interface StageView {
  name: string;
  state: string;
  percent: number;
  total: string;
  completed: string;
  failed: string;
  metadata: unknown;
  error: string | null;
}

type StageMutation = 'startStage' | 'updateStageProgress' | 'completeStage' | 'failStage';

/** A service with workers that does the work of jobs through the API, step by step as a test says. */
export interface OutsideService {
  /** Sends a mutation with its `input`. */
  call<Payload>(mutation: string, input: object, selection?: string): Promise<Refusal & Payload>;
  /** Submits a job of the type `external` over `count` items; answers its plain id. */
  submit(stages: object[], count: number, input?: object): Promise<string>;
  /** Pauses, resumes, cancels or retries a job. */
  control(action: 'pauseJob' | 'resumeJob' | 'cancelJob' | 'retryJob', jobId: string): Promise<Job>;
  drive(mutation: StageMutation, jobId: string, stage: string, input?: object): Promise<Refusal>;
  /** Starts a stage once its job has come to it. */
  start(jobId: string, stage: string): Promise<void>;
  stageOf(jobId: string, name: string): Promise<StageView | undefined>;
  /** A chunk of the job, or of any; null when there is none now. */
  claimOnce(jobId: string | null, input?: object): Promise<Claim | null>;
  /** A chunk of the job, once there is one. */
  claim(jobId: string, input?: object): Promise<Claim>;
  complete(claim: Claim, results: object[]): Promise<Refusal & { chunk: { state: string } }>;
  fail(
    claim: Claim,
    options: { retryable: boolean },
  ): Promise<Refusal & { chunk: { state: string; error: string; attempts: number } }>;
  heartbeat(claim: Claim): Promise<Refusal & { leaseUntil: string; isStopping: boolean }>;
  /** As if the time of all leases of the job were over. */
  expire(jobId: string): Promise<void>;
}

const errors =
  '... on Error { message ... on ConflictError { state } ... on InvalidInputError { issues { path message } } }';

export function createOutsideService({ client, engine }: TestApi): OutsideService {
  const { services, viewer } = engine;

  async function call<Payload>(mutation: string, input: object, selection = '__typename'): Promise<Refusal & Payload> {
    const name = mutation.charAt(0).toUpperCase() + mutation.slice(1);
    const answer = await client.query<Record<string, Refusal & Payload>>(
      `mutation ($input: ${name}Input!) { ${mutation}(input: $input) { __typename ${errors} ... on ${name}Payload { ${selection} } } }`,
      { input },
    );
    return answer[mutation] as Refusal & Payload; // What was asked for.
  }

  const drive: OutsideService['drive'] = (mutation, jobId, stage, input) => call(mutation, { jobId, stage, ...input });

  const claimOnce: OutsideService['claimOnce'] = async (jobId, input) => {
    const { claim } = await call<{ claim: Claim | null }>(
      'claimChunk',
      { workerId: 'worker', jobId, ...input },
      'claim { chunk { id firstItem } stage attempt leaseUntil items { index key input } }',
    );
    return claim;
  };

  return {
    call,
    submit: async (stages, count, input) => {
      const items = Array.from({ length: count }, (_, index) => ({
        key: `item ${index}`,
        url: `https://example.com/${index}`,
      }));
      const { job } = await call<{ job: { id: string } }>(
        'submitJob',
        { title: 'Outside', spec: { external: { stages } }, source: { inline: { items } }, ...input },
        'job { id }',
      );
      return Buffer.from(job.id, 'base64').toString().replace('Job:', '');
    },
    control: (action, jobId) => services.jobs[action](viewer, jobId),
    drive,
    start: async (jobId, stage) => {
      await waitFor(async () => (await drive('startStage', jobId, stage)).__typename === 'StartStagePayload', {
        description: `stage ${stage} to be started`,
      });
    },
    stageOf: async (jobId, name) => {
      const { job } = await client.query<{ job: { stages: StageView[] } }>(
        'query ($id: ID!) { job(id: $id) { stages { name state percent total completed failed metadata error } } }',
        { id: jobId },
      );
      return job.stages.find((stage) => stage.name === name);
    },
    claimOnce,
    claim: (jobId, input) => waitFor(() => claimOnce(jobId, input), { description: `a chunk of job ${jobId}` }),
    complete: ({ chunk, attempt }, results) =>
      call('completeChunk', { chunkId: chunk.id, attempt, results }, 'chunk { state }'),
    fail: ({ chunk, attempt }, { retryable }) =>
      call(
        'failChunk',
        { chunkId: chunk.id, attempt, message: 'no disk', retryable },
        'chunk { state error attempts }',
      ),
    heartbeat: ({ chunk, attempt }) =>
      call('heartbeatChunk', { chunkId: chunk.id, attempt, leaseSeconds: 600 }, 'leaseUntil isStopping'),
    expire: async (jobId) => {
      await services.database.pool.query(
        `update chunks set lease_until = clock_timestamp() - interval '1 second' where job_id = $1 and lease_until is not null`,
        [jobId],
      );
    },
  };
}

/** A result for each item of a chunk: it succeeded. */
export function toSuccesses({ items }: Claim): object[] {
  return items.map(({ index }) => ({ index, state: 'SUCCEEDED' }));
}
