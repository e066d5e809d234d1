import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { JobAction, JobState } from '../../src/domain/job-state.ts';
import type { Client } from './client.ts';
import type { Report } from './report.ts';

/** Jobs as a client handles them whose commands may be lost on the way, or their answers on the way back. */
export interface Jobs {
  /** The global id of the job. */
  submit(input: Record<string, unknown> & { title: string; idempotencyKey: string }): Promise<string>;
  /** Gives the command unless the job is where it leads already; answers whether it was accepted. */
  control(jobId: string, action: Command, more?: Record<string, unknown>): Promise<void>;
  /** The job once it is so, or has ended. */
  reach(jobId: string, isSo: (job: JobView) => boolean): Promise<JobView>;
  /** The id of an upload that holds the content. */
  upload(fileName: string, content: Buffer): Promise<string>;
}

export interface JobView {
  state: JobState;
  succeeded: number;
}

type Command = Exclude<JobAction, 'DELETE'>;

const typename = z.object({ __typename: z.string(), message: z.string().optional() });
const count = z.coerce.number();
const jobAnswer = z.object({
  job: z.object({
    state: z.custom<JobState>(),
    allowedActions: z.array(z.string()),
    progress: z.object({
      total: count,
      pending: count,
      running: count,
      succeeded: count,
      failed: count,
      skipped: count,
      canceled: count,
    }),
  }),
});

export const hasEnded = ({ state }: JobView) => state === 'COMPLETED' || state === 'CANCELED' || state === 'FAILED';

export function createJobs(client: Client, report: Report): Jobs {
  async function read(jobId: string) {
    const { job } = await client.ask(
      `query ($id: ID!) { job(id: $id) { state allowedActions progress { total pending running succeeded failed skipped canceled } } }`,
      { id: jobId },
      jobAnswer,
    );
    const { total, ...parts } = job.progress;
    if (Object.values(parts).reduce((sum, items) => sum + items, 0) !== total)
      report(`The API told of job ${jobId} that ${JSON.stringify(job.progress)}`);
    return { ...job, succeeded: parts.succeeded };
  }

  return {
    submit: async (input) => {
      const { submitJob } = await client.ask(
        `mutation ($input: SubmitJobInput!) { submitJob(input: $input) { __typename ... on SubmitJobPayload { job { id } } ... on Error { message } } }`,
        { input },
        z.object({ submitJob: typename.extend({ job: z.object({ id: z.string() }).optional() }) }),
      );
      if (submitJob.job === undefined) throw new Error(`${input.title} was refused: ${submitJob.message}`);
      return submitJob.job.id;
    },
    control: async (jobId, action, more = {}) => {
      const mutation = `${action.toLowerCase()}Job`;
      const inputType = `${action[0]}${action.slice(1).toLowerCase()}JobInput`;
      for (;;) {
        const { allowedActions } = await read(jobId);
        if (!allowedActions.includes(action)) return;
        const { answer } = await client.ask(
          `mutation ($input: ${inputType}!) { answer: ${mutation}(input: $input) { __typename ... on Error { message } } }`,
          { input: { jobId, ...more } },
          z.object({ answer: typename }),
        );
        if (answer.__typename.endsWith('Payload')) return;
        // The state may have moved on since it was read.
        if (answer.__typename !== 'ConflictError') report(`${mutation} of job ${jobId}: ${JSON.stringify(answer)}`);
      }
    },
    reach: async (jobId, isSo) => {
      for (;;) {
        const job = await read(jobId);
        if (hasEnded(job) || isSo(job)) return job;
        await delay(100);
      }
    },
    upload: async (fileName, content) => {
      const { createUpload } = await client.ask(
        `mutation ($name: String!) { createUpload(input: { fileName: $name }) { ... on CreateUploadPayload { upload { id uploadUrl } } } }`,
        { name: fileName },
        z.object({ createUpload: z.object({ upload: z.object({ id: z.string(), uploadUrl: z.string() }) }) }),
      );
      await client.put(createUpload.upload.uploadUrl, content);
      return createUpload.upload.id;
    },
  };
}
