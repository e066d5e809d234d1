import type { TestApi } from './api.ts';

/** A row that makes a short square video. */
export const videoRow = (number: number, more: Record<string, unknown> = {}) => ({
  title: `Clip ${number}`,
  script: `Clip ${number}.`,
  durationSeconds: 5,
  platforms: 'linkedin',
  ...more,
});

export async function submitVideos({ client }: TestApi, options: Record<string, unknown>, items: unknown[]) {
  const { submitJob } = await client.query<{ submitJob: { job?: { id: string }; issues?: { message: string }[] } }>(
    `mutation ($input: SubmitJobInput!) { submitJob(input: $input) {
       ... on SubmitJobPayload { job { id } } ... on InvalidInputError { issues { message } } ... on Error { code message }
     } }`,
    { input: { title: 'Videos', spec: { video: options }, source: { inline: { items } } } },
  );
  return submitJob;
}

export interface MadeItem {
  state: string;
  error: { code: string; message: string } | null;
  output: { durationSeconds: number; width: number; height: number; scenes: number; warnings: string[] } | null;
  files: {
    name: string;
    fileName: string;
    mediaType: string;
    url: string;
    media: {
      container: string;
      videoCodec: string;
      audioCodec: string;
      width: number;
      height: number;
      durationMs: number;
    } | null;
  }[];
}

export async function readVideos({ client }: TestApi, jobId: string): Promise<MadeItem[]> {
  const { job } = await client.query<{ job: { items: { nodes: MadeItem[] } } }>(
    `query ($id: ID!) { job(id: $id) { items(first: 100) { nodes { state error { code message }
       ... on VideoItem { output { durationSeconds width height scenes warnings } }
       files { name fileName mediaType url media { container videoCodec audioCodec width height durationMs } }
     } } } }`,
    { id: jobId },
  );
  return job.items.nodes;
}
