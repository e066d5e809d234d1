import { Readable } from 'node:stream';
import pino from 'pino';
import { ingestItems } from '../../src/activities/ingest-items.ts';
import type { Database } from '../../src/database/database.ts';
import type { JobState } from '../../src/domain/job-state.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { seedReadingJob } from './seed-reading-job.ts';

/** Every trap of a spreadsheet and of a float, in one job. */
export const transactionRows = [
  { reference: 'r-0', account: 'Ä "1"', amount: '1234567890123456789.10', description: '=HYPERLINK("http://x")' },
  { reference: 'r-1', account: '+1', amount: '-0.10', description: 'two\r\nlines; 日本 😀' },
  { reference: '-5', account: '@x', amount: '-7', description: '\ttab' },
  { reference: 'r-3', account: 'a', amount: '12345678901234567.123456789', description: 'a,b' },
];

/** A job of four good transactions, three of which have run, and of two rows that are none. */
export async function seedTransactions({
  database,
  storage,
  projectId,
  state = 'COMPLETED',
}: {
  database: Database;
  storage: Storage;
  projectId: string;
  state?: JobState;
}): Promise<string> {
  const fields = { currency: 'EUR', occurredAt: '2026-03-02T09:30:00.000Z' };
  // The last one is no transaction: it is shown as the source had it, figures included.
  const content = [...transactionRows.map((row) => ({ ...row, ...fields })), { reference: 'bad', amount: true }]
    .map((row) => `${JSON.stringify(row)}\n`)
    .concat('{"reference":"raw","amount":0.1234567890123456789,"nested":{"a":[1,2]}}\n');
  const uploadId = crypto.randomUUID();
  await storage.put(`uploads/${uploadId}`, Readable.from(content));
  const jobId = await seedReadingJob(database, {
    projectId,
    title: 'Büchungen – Mai / 2026',
    source: { kind: 'upload', uploadId, format: 'JSONL' },
  });
  await ingestItems(
    { database, storage, log: pino({ level: 'silent' }) },
    { jobId, heartbeat: () => undefined, signal: AbortSignal.timeout(60_000) },
  );
  await database.pool.query(
    `insert into item_results (job_id, index, stage, generation, attempts, state, output, duration_ms)
     select $1, index, 2, 0, 1, state, output, 3 from unnest($2::int[], $3::text[], $4::jsonb[]) as r (index, state, output)`,
    [
      jobId,
      [0, 1, 2],
      ['SUCCEEDED', 'SUCCEEDED', 'SKIPPED'],
      ['INSERTED', 'UPDATED', 'SKIPPED'].map((action, index) =>
        JSON.stringify({ transactionId: `${9007199254740993n + BigInt(index)}`, action }),
      ),
    ],
  );
  await database.pool.query(
    `update jobs set state = $2, pending = 0, succeeded = 2, skipped = 1, canceled = 1, aggregates = $3 where id = $1`,
    [
      jobId,
      state,
      '{"count": 6, "totalAmount": "1234567890123456789.00", "byCurrency": [{"currency": "EUR", "averageAmount": "-0.10"}]}',
    ],
  );
  return jobId;
}

/** A completed echo job of so many items, every second of which failed. */
export async function seedEchoes(
  database: Database,
  { projectId, count }: { projectId: string; count: number },
): Promise<string> {
  const jobId = await seedReadingJob(database, { projectId, type: 'echo', title: '!!!' });
  const { pool } = database;
  await pool.query(
    `insert into items select $1, i, i::text, jsonb_build_object('value', 'v' || i) from generate_series(0, $2::int - 1) i`,
    [jobId, count],
  );
  await pool.query(
    `insert into item_results (job_id, index, stage, generation, attempts, state, output, error_code, error_message, duration_ms)
     select $1, i, 1, 0, 1, case i % 2 when 0 then 'SUCCEEDED' else 'FAILED' end,
            case i % 2 when 0 then jsonb_build_object('value', 'v' || i, 'filler', null) end,
            case i % 2 when 1 then 'ECHO_FAILED' end, case i % 2 when 1 then 'failed' end, 0
     from generate_series(0, $2::int - 1) i`,
    [jobId, count],
  );
  await pool.query(
    `update jobs set state = 'COMPLETED', total = $2::int, succeeded = $2::int - $2::int / 2, failed = $2::int / 2 where id = $1`,
    [jobId, count],
  );
  return jobId;
}
