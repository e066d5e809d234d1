import type { TestApi } from './api.ts';

/** A row whose video takes about three seconds to see. */
export const videoRow = (number: number, more: Record<string, unknown> = {}) => ({
  title: `Clip ${number}`,
  script: `Clip ${number}.`,
  durationSeconds: 5,
  platforms: 'linkedin',
  ...more,
});

export async function submitVideos(api: TestApi, options: Record<string, unknown>, items: unknown[]) {
  const { submitJob } = await api.client.query<{ submitJob: { job?: { id: string }; issues?: { message: string }[] } }>(
    `mutation ($input: SubmitJobInput!) { submitJob(input: $input) {
       ... on SubmitJobPayload { job { id } } ... on InvalidInputError { issues { message } } ... on Error { code message }
     } }`,
    { input: { title: 'Videos', spec: { video: options }, source: { inline: { items } } } },
  );
  return submitJob;
}

export interface MadeVideo {
  state: string;
  error: { message: string } | null;
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

export async function readVideos(api: TestApi, jobId: string): Promise<MadeVideo[]> {
  const { job } = await api.client.query<{ job: { items: { nodes: MadeVideo[] } } }>(
    `query ($id: ID!) { job(id: $id) { items(first: 100) { nodes { state error { message }
       ... on VideoItem { output { durationSeconds width height scenes warnings } }
       files { name fileName mediaType url media { container videoCodec audioCodec width height durationMs } }
     } } } }`,
    { id: jobId },
  );
  return job.items.nodes;
}
