import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient } from './api-client.ts';
import { readOutcome, type ExportFile, type Outcome } from './operations.ts';
import { RefusedError } from './refused-error.ts';

export interface DownloadedOutcome extends Outcome {
  /** Local path by export id. */
  paths: Map<string, string>;
}

/** Reads how the job ended, when its exports have too, and keeps those in `folder`. */
export async function downloadExports(
  client: ApiClient,
  jobId: string,
  folder: string,
  signal: AbortSignal,
): Promise<DownloadedOutcome> {
  let { job } = await client.request(readOutcome.document, { id: jobId }, readOutcome.data);
  while (job.exports.some((file) => file.state === 'PENDING' || file.state === 'RUNNING')) {
    await delay(300, undefined, { signal });
    ({ job } = await client.request(readOutcome.document, { id: jobId }, readOutcome.data));
  }
  await mkdir(folder, { recursive: true });
  const paths = new Map<string, string>();
  for (const file of job.exports) {
    const path = await download(file, folder, signal);
    if (path !== null) paths.set(file.id, path);
  }
  return { ...job, paths };
}

async function download(file: ExportFile, folder: string, signal: AbortSignal): Promise<string | null> {
  if (file.downloadUrl === null || file.fileName === null) return null;
  const response = await fetch(file.downloadUrl, { signal });
  if (!response.ok || response.body === null)
    throw new RefusedError(`The download of ${file.fileName} was answered with ${response.status}.`);
  const path = join(folder, basename(file.fileName));
  await pipeline(response.body, createWriteStream(path));
  return path;
}
