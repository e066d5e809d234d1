import { readFile } from 'node:fs/promises';

/** One tab of GraphiQL. */
export interface Example {
  query: string;
  variables: string;
}

const pastedJob = { jobId: 'paste-the-job-id-here' };

const tabs: { file: string; variables: Record<string, unknown> }[] = [
  { file: 'submit-job.graphql', variables: {} },
  { file: 'follow-events.graphql', variables: { ...pastedJob, afterSequence: '0' } },
  { file: 'follow-progress.graphql', variables: pastedJob },
  { file: 'list-jobs.graphql', variables: {} },
  { file: 'control-job.graphql', variables: pastedJob },
  { file: 'export-job.graphql', variables: pastedJob },
  { file: 'estimate-job.graphql', variables: {} },
];

/** The operations that GraphiQL opens with, in the order of its tabs. */
export function readExamples(): Promise<Example[]> {
  return Promise.all(
    tabs.map(async ({ file, variables }) => ({
      query: await readFile(new URL(file, import.meta.url), 'utf8'),
      variables: JSON.stringify(variables, null, 2),
    })),
  );
}
