import { z } from 'zod';

const count = z.coerce.number();
const moment = z.coerce.date();

const stage = z.object({
  name: z.string(),
  state: z.string(),
  total: count,
  completed: count,
  failed: count,
  percent: z.number(),
  startedAt: moment.nullable(),
  completedAt: moment.nullable(),
});

const jobSnapshot = z.object({
  id: z.string(),
  title: z.string(),
  state: z.string(),
  message: z.string(),
  progress: z.object({
    percent: z.number(),
    total: count,
    succeeded: count,
    failed: count,
    skipped: count,
    elapsedMs: count,
    etaMs: count.nullable(),
    itemsPerSecond: z.number(),
  }),
  stages: z.array(stage),
});
export type JobSnapshot = z.output<typeof jobSnapshot>;
export type StageSnapshot = z.output<typeof stage>;

const jobFields = `
  id title state message
  progress { percent total succeeded failed skipped elapsedMs etaMs itemsPerSecond }
  stages { name state total completed failed percent startedAt completedAt }`;

export const findJob = {
  document: `query FindJob($key: String!) { jobByKey(key: $key) { ${jobFields} } }`,
  data: z.object({ jobByKey: jobSnapshot.nullable() }),
};

const refusal = z.object({ __typename: z.string(), message: z.string() });

export const createUpload = {
  document: `mutation CreateUpload($input: CreateUploadInput!) {
    createUpload(input: $input) { __typename ... on CreateUploadPayload { upload { id uploadUrl } } ... on Error { message } }
  }`,
  data: z.object({
    createUpload: z.union([z.object({ upload: z.object({ id: z.string(), uploadUrl: z.string() }) }), refusal]),
  }),
};

export const submitJob = {
  document: `mutation SubmitJob($input: SubmitJobInput!) {
    submitJob(input: $input) {
      __typename
      ... on SubmitJobPayload { created estimatedDurationMs job { ${jobFields} } }
      ... on Error { message }
    }
  }`,
  data: z.object({
    submitJob: z.union([
      z.object({ created: z.boolean(), estimatedDurationMs: count.nullable(), job: jobSnapshot }),
      refusal,
    ]),
  }),
};

export const followProgress = {
  document: `subscription FollowProgress($jobId: ID!) { jobProgress(jobId: $jobId) { ${jobFields} } }`,
  data: z.object({ jobProgress: jobSnapshot }),
};

const currencySum = z.object({ currency: z.string(), count, totalAmount: z.string(), averageAmount: z.string() });
export type CurrencySum = z.output<typeof currencySum>;

const exportFile = z.object({
  id: z.string(),
  format: z.string(),
  content: z.string(),
  state: z.string(),
  fileName: z.string().nullable(),
  byteSize: count.nullable(),
  sha256: z.string().nullable(),
  downloadUrl: z.string().nullable(),
  error: z.string().nullable(),
});
export type ExportFile = z.output<typeof exportFile>;

const failureGroup = z.object({ code: z.string(), message: z.string(), count });
export type FailureGroup = z.output<typeof failureGroup>;

export const readOutcome = {
  document: `query ReadOutcome($id: ID!) {
    job(id: $id) {
      ${jobFields}
      aggregates {
        __typename
        ... on TransactionsAggregates { byCurrency { currency count totalAmount averageAmount } }
        ... on Error { message }
      }
      failures(first: 10) { edges { node { code message count } } }
      exports { id format content state fileName byteSize sha256 downloadUrl error }
    }
  }`,
  data: z.object({
    job: jobSnapshot.extend({
      aggregates: z.union([z.object({ byCurrency: z.array(currencySum) }), refusal]),
      failures: z.object({ edges: z.array(z.object({ node: failureGroup })) }),
      exports: z.array(exportFile),
    }),
  }),
};
export type Outcome = z.output<typeof readOutcome.data>['job'];
