import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { getUuid } from '../../schema/global-id.ts';
import type { Database } from '../../src/database/database.ts';
import type { Client } from './client.ts';
import type { Report } from './report.ts';

const exported = z.object({
  job: z.object({
    exports: z.array(
      z.object({
        format: z.string(),
        state: z.string(),
        sha256: z.string().nullable(),
        downloadUrl: z.string().nullable(),
      }),
    ),
  }),
});

/** Each file is what its checksum says, and the newest holds exactly the results. */
export async function checkExports(
  client: Client,
  database: Database,
  globalId: string,
  complain: Report,
): Promise<void> {
  const { job } = await client.ask(
    'query ($id: ID!) { job(id: $id) { exports { format state sha256 downloadUrl } } }',
    { id: globalId },
    exported,
  );
  let [holdsResults, hasLines] = [false, false];
  for (const { format, state, sha256, downloadUrl } of job.exports) {
    if (state !== 'COMPLETED' || downloadUrl === null) {
      complain(`an export is ${state}`);
      continue;
    }
    const content = await client.get(downloadUrl);
    if (createHash('sha256').update(content).digest('hex') !== sha256)
      complain(`a ${format} is not what its checksum says`);
    if (format !== 'JSONL') continue;
    hasLines = true;
    holdsResults ||= isDeepStrictEqual(
      toItems(content.toString()),
      await readResults(database, getUuid('Job', globalId)),
    );
  }
  if (hasLines && !holdsResults) complain('no export holds its results');
}

async function readResults(database: Database, jobId: string): Promise<unknown[]> {
  const { rows } = await database.pool.query<{ item: unknown }>(
    `select jsonb_build_object('index', i.index, 'key', i.key, 'state', r.state, 'input', i.payload, 'output', r.output, 'error',
       case when r.error_code is not null then jsonb_build_object('code', r.error_code, 'field', r.error_field, 'message', r.error_message) end) as item
     from items i join item_results r on r.job_id = i.job_id and r.index = i.index
     where i.job_id = $1 order by i.index`,
    [jobId],
  );
  return rows.map(({ item }) => item);
}

function toItems(lines: string): unknown[] {
  return lines
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
}
