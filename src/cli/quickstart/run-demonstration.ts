import { openAsBlob } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../../embedded/managed-process.ts';
import { createApiClient, type ApiClient } from './api-client.ts';
import { downloadExports } from './download-exports.ts';
import { followJob } from './follow-job.ts';
import { formatOutcome } from './format-outcome.ts';
import { createUpload, findJob, submitJob, type JobSnapshot } from './operations.ts';
import { RefusedError } from './refused-error.ts';
import { writeTransactions, type TransactionsFile } from './write-transactions.ts';

export interface DemonstrationOptions {
  endpoint: string;
  apiKey: string;
  /** For the generated file and the exports. */
  folder: string;
  rows: number;
  log: Log;
  /** Ends the watching, not the job. */
  signal: AbortSignal;
}

/**
 * A bulk job from its file to its exports, as any client would do it: over HTTP and WebSocket only. A second run finds the
 * job of the first, since the same file has the same idempotency key. Answers the job's state at the end.
 */
export async function runDemonstration(options: DemonstrationOptions): Promise<string> {
  const { log } = options;
  const client = createApiClient(options.endpoint, options.apiKey);
  try {
    const file = await writeTransactions(join(options.folder, 'transactions.csv'), options.rows);
    log.info(
      `${file.path} has ${options.rows.toLocaleString('en')} transactions, about 1 % of them bad on purpose (${megabytes(file.byteSize)}).`,
    );
    const job = await findOrSubmit(client, file, options);
    const last = await followJob(client, job, options.signal);
    if (options.signal.aborted) return last.state;
    const outcome = await downloadExports(client, last.id, join(options.folder, 'exports'), options.signal);
    console.log(formatOutcome(outcome).join('\n'));
    return last.state;
  } catch (error) {
    if (options.signal.aborted) return 'UNKNOWN';
    throw error;
  } finally {
    await client.close();
  }
}

async function findOrSubmit(
  client: ApiClient,
  file: TransactionsFile,
  { rows, log }: DemonstrationOptions,
): Promise<JobSnapshot> {
  const key = `quickstart-${file.sha256}`;
  const { jobByKey: earlier } = await client.request(findJob.document, { key }, findJob.data);
  if (earlier !== null) {
    log.info(
      `Found the job of an earlier run with this file: ${earlier.id} (${earlier.state}). A new one: --rows ${rows + 1}.`,
    );
    return earlier;
  }
  const uploadId = await upload(client, file);
  const input = {
    title: `Quickstart: ${rows.toLocaleString('en')} transactions`,
    spec: { transactions: { onDuplicate: 'SKIP' } },
    source: { upload: { uploadId } },
    idempotencyKey: key,
    exports: [
      { format: 'CSV', content: 'ITEMS' },
      { format: 'ZIP', content: 'ALL' },
    ],
  };
  const { submitJob: result } = await client.request(submitJob.document, { input }, submitJob.data);
  if (!('job' in result)) throw new RefusedError(result.message);
  const estimate =
    result.estimatedDurationMs === null
      ? ''
      : `, estimated to take ${Math.max(1, Math.round(result.estimatedDurationMs / 1000))} s`;
  log.info(`Submitted job ${result.job.id}${estimate}.`);
  return result.job;
}

async function upload(client: ApiClient, file: TransactionsFile): Promise<string> {
  const input = { fileName: 'transactions.csv', sha256: file.sha256 };
  const { createUpload: result } = await client.request(createUpload.document, { input }, createUpload.data);
  if (!('upload' in result)) throw new RefusedError(result.message);
  const response = await fetch(result.upload.uploadUrl, { method: 'PUT', body: await openAsBlob(file.path) });
  if (!response.ok) throw new RefusedError(`The upload was answered with ${response.status}: ${await response.text()}`);
  return result.upload.id;
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
