import type { Database } from '../../src/database/database.ts';
import { newId } from '../../src/database/new-id.ts';
import { recordOutcome } from '../../src/database/sql/record-outcome.ts';
import type { Viewer } from '../../src/jobs/commands.ts';

export interface Seed {
  state: 'RUNNING' | 'CANCELED' | 'COMPLETED' | 'PENDING' | 'FAILED';
  title?: string;
  key?: string;
  /** Counters as they are stored; the items below follow from `ended` and `runningChunk`. */
  ended: number;
  total: number;
  chunkSize: number;
  /** Index of the chunk of INSERT that a worker is at. */
  runningChunk?: number;
  aggregates?: object;
  problems?: object[];
}

/** Under way: of 1,000 items 450 have ended, and the fifth of ten chunks is running. */
export const halfDone: Seed = { state: 'RUNNING', total: 1_000, ended: 450, chunkSize: 100, runningChunk: 4 };

/**
 * A job of the type `transactions` in its INSERT stage, by plain SQL: the items before `ended` have results (index 3 of every
 * ten FAILED, index 4 SKIPPED), the rest has none. Item 1 does not fit the schema of its job type.
 */
export async function seedJob(database: Database, viewer: Viewer, seed: Seed): Promise<string> {
  const id = newId();
  const { ended, total, chunkSize } = seed;
  const share = (position: number) => Math.max(Math.ceil((ended - position) / 10), 0);
  const [failed, skipped] = [share(3), share(4)];
  const open = total - ended;
  const running = seed.runningChunk === undefined ? 0 : Math.min((seed.runningChunk + 1) * chunkSize, total) - ended;
  const isCanceled = seed.state === 'CANCELED';
  await database.pool.query(
    `insert into jobs (id, project_id, key, input_hash, type, title, state, priority, chunk_priority, validation, options, metadata, source,
       last_sequence, total, pending, running, succeeded, failed, skipped, canceled, current_stage, aggregates, problems, started_at, completed_at)
     values ($1, $2, $3, '', 'transactions', $4, $5, 'NORMAL', 5, 'MODERATE', '{}', '{"team": "billing"}', '{"kind": "inline", "items": []}',
       3, $6, $7, $8, $9, $10, $11, $12, 'INSERT', $13, $14, now() - interval '10 seconds', $15)`,
    [
      id,
      viewer.projectId,
      seed.key ?? null,
      seed.title ?? 'Seeded',
      seed.state,
      total,
      isCanceled ? 0 : open - running,
      isCanceled ? 0 : running,
      ended - failed - skipped,
      failed,
      skipped,
      isCanceled ? open : 0,
      seed.aggregates ? JSON.stringify(seed.aggregates) : null,
      seed.problems ? JSON.stringify(seed.problems) : null,
      seed.state === 'RUNNING' || seed.state === 'PENDING' ? null : new Date(),
    ],
  );
  await database.pool.query(
    `insert into stages (job_id, position, name, kind, state, total, completed, failed, metadata, started_at)
     select $1, position, name, kind, state, total, completed, failed, '{}', now() - interval '8 seconds'
     from (values (0, 'INGEST', 'INGEST', 'COMPLETED', $2::int, $2::int, 0), (1, 'VALIDATE', 'ITEMS', 'COMPLETED', $2, $2, 0),
       (2, 'INSERT', 'ITEMS', 'RUNNING', $2, $3::int, $4::int), (3, 'AGGREGATE', 'ONCE', 'PENDING', null, 0, 0))
       as stage (position, name, kind, state, total, completed, failed)`,
    [id, total, ended, failed],
  );
  await database.pool.query(
    `insert into items select $1, i, 'REF-' || i,
       case when i = 1 then '{"amount": "lots"}' else jsonb_build_object('reference', 'REF-' || i, 'account', 'A1', 'amount', '12.50',
         'currency', 'EUR', 'occurredAt', '2026-01-01T00:00:00.000Z') end
     from generate_series(0, $2 - 1) i`,
    [id, total],
  );
  await database.pool.query(
    `insert into item_results (job_id, index, stage, generation, attempts, state, output, error_code, error_field, error_message, fingerprint, duration_ms)
     select $1, i, 2, 0, 1, case i % 10 when 3 then 'FAILED' when 4 then 'SKIPPED' else 'SUCCEEDED' end,
       case when i % 10 <> 3 then jsonb_build_object('transactionId', i::text, 'action', case i % 10 when 4 then 'SKIPPED' else 'INSERTED' end) end,
       case when i % 10 = 3 then case when i % 100 = 3 then 'RARE' else 'DUPLICATE' end end, case when i % 10 = 3 then 'reference' end,
       case when i % 10 = 3 then 'item ' || i || ' is there' end, case when i % 10 = 3 then case when i % 100 = 3 then 'f-rare' else 'f-often' end end, 5
     from generate_series(0, $2 - 1) i`,
    [id, ended],
  );
  await database.pool.query(
    `insert into chunks (job_id, stage, generation, index, first_item, last_item, state, priority, attempt, remaining)
     select $1, s, 0, c, c * $3, least((c + 1) * $3, $2) - 1,
       case when s = 1 or (c + 1) * $3 <= $4 then 'COMPLETED' when c = $5 then 'RUNNING' when $6 then 'CANCELED' else 'PENDING' end, 5, 1, 0
     from generate_series(1, 2) s, generate_series(0, ceil($2::numeric / $3)::int - 1) c`,
    [id, total, chunkSize, ended, seed.runningChunk ?? -1, isCanceled],
  );
  await database.pool.query(
    `insert into job_events (job_id, sequence, type, data) values
       ($1, 1, 'JobSubmitted', '{"title": "Seeded", "type": "transactions", "priority": "NORMAL", "by": "test"}'),
       ($1, 2, 'JobStateChanged', '{"from": "PENDING", "to": "RUNNING", "reason": null, "by": "longhaul", "message": null}'),
       ($1, 3, 'StageStarted', '{"stage": "INGEST", "generation": 0, "total": null, "completed": 0, "failed": 0}')`,
    [id],
  );
  if (isCanceled || seed.state === 'COMPLETED' || seed.state === 'FAILED') await recordOutcome(database.pool, id);
  return id;
}
