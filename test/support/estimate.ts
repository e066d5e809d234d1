import type { TestClient } from './graphql-client.ts';

interface Figure {
  expected: string;
  least: string;
  most: string;
  basis: string;
}

export interface EstimateAnswer {
  items: Figure | null;
  queue: { position: number; level: string; limit: number; waitMs: string | null } | null;
  durationMs: Figure | null;
  cost: { amount: string; unit: string; basis: string } | null;
  storageBytes: Figure | null;
  warnings: string[];
}

interface Answer {
  __typename: string;
  message?: string;
  code?: string;
  estimate?: EstimateAnswer;
}

const figure = '{ expected least most basis }';
const fields = `estimate { items ${figure} queue { position level limit waitMs } durationMs ${figure}
  cost { amount unit basis } storageBytes ${figure} warnings }`;
const error = '__typename ... on Error { message code }';

/** What `estimateJob` answers. */
export async function askEstimate(client: TestClient, input: object): Promise<Answer> {
  const { estimateJob } = await client.query<{ estimateJob: Answer }>(
    `query ($input: SubmitJobInput!) { estimateJob(input: $input) { ${error} ... on EstimateJobPayload { ${fields} } } }`,
    { input: { title: 'To be estimated', ...input } },
  );
  return estimateJob;
}

/** What `estimateJob` says of a job that it does not refuse. */
export async function estimate(client: TestClient, input: object): Promise<EstimateAnswer> {
  const { estimate: found, message } = await askEstimate(client, input);
  if (!found) throw new Error(message);
  return found;
}

/** Submits a job, and what its payload says of it. */
export async function submitEstimated(
  client: TestClient,
  input: object,
): Promise<{ jobId: string; estimatedDurationMs: string | null; estimate: EstimateAnswer }> {
  const { submitJob } = await client.query<{
    submitJob: { message?: string; job: { id: string }; estimatedDurationMs: string | null; estimate: EstimateAnswer };
  }>(
    `mutation ($input: SubmitJobInput!) { submitJob(input: $input) { ${error}
       ... on SubmitJobPayload { job { id } estimatedDurationMs ${fields} } } }`,
    { input: { title: 'Estimated', ...input } },
  );
  if (submitJob.message !== undefined) throw new Error(submitJob.message);
  const { job, ...more } = submitJob;
  return { jobId: job.id, ...more };
}
