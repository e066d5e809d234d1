// Lists and figures over a million jobs of one project: each filter and order of `jobs`, `exports`, `uploads`, `jobStats`,
// `analytics`, and the earlier jobs that `estimateJob` compares with, timed (median of three) and explained. Prints plans, a table and, last, one line of JSON.
//   node bench/many-jobs.ts [jobs] [--plans]
import { rm } from 'node:fs/promises';
import type { Pool } from 'pg';
import { createProject } from '../src/access/create-project.ts';
import { migrate } from '../src/database/migrations.ts';
import { listExportIds } from '../src/database/sql/reads/list-export-ids.ts';
import { listJobIds, type JobIdsRequest } from '../src/database/sql/reads/list-job-ids.ts';
import { countJobs } from '../src/database/sql/reads/count-jobs.ts';
import { listRunningIds } from '../src/database/sql/reads/list-running-ids.ts';
import { readNextQueueCounts } from '../src/database/sql/reads/read-next-queue-counts.ts';
import { readPastJobs } from '../src/database/sql/reads/read-past-jobs.ts';
import { readAnalytics } from '../src/database/sql/reads/read-analytics.ts';
import { analyticsGroups } from '../src/domain/analytics.ts';
import type { JobFilter } from '../src/domain/job-filter.ts';
import { startServices } from './start-services.ts';
import { everyJob } from '../test/support/every-job.ts';

class Explained extends Error {}

const count = Number(process.argv[2] ?? 1_000_000);
const withPlans = process.argv.includes('--plans');
const rounds = 3;
/** Milliseconds that a page, and figures of all jobs, may take. */
const targets = { page: 50, figures: 2_000 };

const { dataDir, embedded, services } = await startServices();
const { pool } = services.database;
const start = new Date('2026-01-01T00:00:00Z');
const days = 365;

try {
  await migrate(services.database);
  const { id: projectId } = await createProject(services.database, { name: 'bench' });
  await seed(projectId);
  const results: Record<string, unknown>[] = [];
  for (const [name, kind, read] of questions(projectId)) {
    if (withPlans) await explain(name, read);
    const ms = await median(() => read(pool));
    console.log(`${name}: ${ms.toFixed(1)} ms`);
    results.push({ question: name, ms: Number(ms.toFixed(1)), 'target, ms': targets[kind], met: ms <= targets[kind] });
  }
  console.table(results);
  console.log(JSON.stringify({ count, results }));
} finally {
  await services.close();
  await embedded.stop();
  await rm(dataDir, { recursive: true, force: true });
}

type Read = (from: Pick<Pool, 'query'>) => Promise<unknown>;

function questions(projectId: string): [string, keyof typeof targets, Read][] {
  const at = (day: number) => new Date(start.getTime() + day * 86_400_000);
  const filters: [string, Partial<JobFilter>][] = [
    ['all', {}],
    ['COMPLETED', { states: ['COMPLETED'] }],
    ['FAILED, 1 in 10,000', { states: ['FAILED'] }],
    ['RUNNING, 100', { states: ['RUNNING'] }],
    ['RUNNING or FAILED', { states: ['RUNNING', 'FAILED'] }],
    ['PAUSED, none', { states: ['PAUSED'] }],
    ['rare type', { types: ['transactions'] }],
    ['type that none has', { types: ['none'] }],
    ['title in many', { title: 'job 77' }],
    ['title in one', { title: 'job 777777 ' }],
    ['title in none', { title: 'nothing like it' }],
    ['a day in the middle', { createdFrom: at(180), createdTo: at(181) }],
    ['long ago', { createdTo: at(1) }],
    ['mine, 1 in 1,000', { createdBy: { kind: 'API_KEY', id: 'caller-7' } }],
    ['mine, none', { createdBy: { kind: 'API_KEY', id: 'nobody' } }],
    ['metadata of one', { metadata: { number: 500_000 } }],
    ['metadata of none', { metadata: { team: 'none' } }],
  ];
  const page = (field: JobIdsRequest['field'], filter: Partial<JobFilter>, more: Partial<JobIdsRequest> = {}): Read => {
    const request = {
      projectId,
      filter: { ...everyJob, ...filter },
      field,
      descending: true,
      above: null,
      below: null,
      limit: 21,
    };
    return (from) => listJobIds(from as Pool, { ...request, ...more }); // It only asks.
  };
  const deep = (field: JobIdsRequest['field'], offset: number): Read => {
    const found = (async () =>
      (
        await listJobIds(pool, {
          projectId,
          filter: everyJob,
          field,
          descending: true,
          above: null,
          below: null,
          limit: offset,
        })
      ).at(-1) ?? null)();
    return async (from) => await page(field, {}, { below: await found })(from);
  };
  return [
    ...filters.map(([name, filter]): [string, keyof typeof targets, Read] => [
      `jobs, ${name}`,
      'page',
      page('CREATED_AT', filter),
    ]),
    ['jobs, behind 500,000', 'page', deep('CREATED_AT', 500_000)],
    ...(['UPDATED_AT', 'PERCENT_COMPLETE'] as const).flatMap((field): [string, keyof typeof targets, Read][] => [
      [`jobs by ${field}`, 'page', page(field, {})],
      [`jobs by ${field}, ascending`, 'page', page(field, {}, { descending: false })],
      [`jobs by ${field}, RUNNING`, 'page', page(field, { states: ['RUNNING'] })],
      [`jobs by ${field}, FAILED`, 'page', page(field, { states: ['FAILED'] })],
      [`jobs by ${field}, behind 500,000`, 'page', deep(field, 500_000)],
    ]),
    [
      'exports, all',
      'page',
      (from) => listExportIds(from as Pool, { projectId, states: null, after: null, limit: 21 }),
    ],
    [
      'exports, FAILED, none',
      'page',
      (from) => listExportIds(from as Pool, { projectId, states: ['FAILED'], after: null, limit: 21 }),
    ],
    [
      'uploads',
      'page',
      (from) => from.query('select * from uploads where project_id = $1 order by id desc limit 21', [projectId]),
    ],
    ...(
      [
        ['like most', 'echo', {}],
        ['like none', 'echo', { delayMs: 1 }],
        ['of a rare type', 'transactions', {}],
      ] as const
    ).map(([name, type, like]): [string, keyof typeof targets, Read] => [
      `estimateJob, past jobs ${name}`,
      'page',
      (from) => readPastJobs(from, { projectId, type, like, dryRun: false, itemsPerSecond: null, withFiles: true }),
    ]),
    [
      'estimateJob, place in line',
      'page',
      (from) => readNextQueueCounts(from, { projectId, caller: { kind: 'API_KEY', id: 'caller-7' }, headStartMs: 0 }),
    ],
    [
      'estimateJob, jobs that run',
      'page',
      (from) => listRunningIds(from, { projectId, user: 'API_KEY:caller-7', limit: 500 }),
    ],
    ['jobStats', 'figures', (from) => countJobs(from as Pool, projectId)],
    ...analyticsGroups.flatMap((groupBy): [string, keyof typeof targets, Read][] =>
      [30, groupBy === 'HOUR' ? 93 : days + 1].map((length) => [
        `analytics by ${groupBy}, ${length} days`,
        'figures',
        (from) => readAnalytics(from as Pool, { projectId, range: { from: start, to: at(length) }, groupBy }),
      ]),
    ),
  ];
}

async function seed(projectId: string): Promise<void> {
  // Ids as they come with the time: 48 bits of milliseconds.
  await pool.query(
    `insert into jobs (id, project_id, input_hash, type, title, state, priority, chunk_priority, validation, options, metadata, source, created_by,
       last_sequence, total, pending, succeeded, failed, created_at, started_at, completed_at, updated_at, settled_at)
     select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(i::text), 1, 3) || 'a' || substr(md5(i::text), 4, 15))::uuid,
       $1, md5(i::text), case when i % 10000 = 17 then 'transactions' else 'echo' end, 'Job ' || i || ' of the bench', state, 'NORMAL', 5, 'MODERATE', '{}',
       jsonb_build_object('number', i, 'team', 'team-' || i % 50), '{"kind": "inline", "items": []}',
       jsonb_build_object('kind', 'API_KEY', 'id', 'caller-' || i % 1000, 'name', 'Caller ' || i % 1000),
       20, 100, case when state = 'RUNNING' then 60 else 0 end, case when state = 'RUNNING' then 40 else 100 - i % 3 end, case when state = 'RUNNING' then 0 else i % 3 end,
       at, at, case when state <> 'RUNNING' then at + make_interval(secs => i % 7919) end, at + make_interval(secs => i % 7919),
       case when state <> 'RUNNING' then at + make_interval(secs => i % 7919) end
     from (
       select i, $2::timestamptz + make_interval(secs => i * $3::float8 / $4) as at,
         case when i % 10000 = 5 then 'FAILED' when i > $4 - 100 then 'RUNNING' else 'COMPLETED' end as state
       from generate_series(1, $4::int) i
     ) seeded`,
    [projectId, start, days * 86_400, count],
  );
  await pool.query(
    `insert into job_outcomes (job_id, project_id, ended_at, type, state, caller_kind, caller_id, caller_name, total, succeeded, failed, skipped, canceled, duration_ms)
     select id, project_id, completed_at, type, state, created_by ->> 'kind', created_by ->> 'id', created_by ->> 'name', total, succeeded, failed, 0, 0,
       (extract(epoch from completed_at - started_at) * 1000)::bigint
     from jobs where completed_at is not null order by completed_at`,
  );
  await pool.query(
    `insert into exports (id, job_id, project_id, format, content, state, expires_at)
     select uuidv7(), id, project_id, 'CSV', 'ITEMS', 'EXPIRED', now() from jobs`,
  );
  await pool.query(
    `insert into uploads (id, project_id, file_name, expires_at) select uuidv7(), project_id, 'a.csv', now() from jobs`,
  );
  await pool.query('vacuum analyze jobs, job_outcomes, exports, uploads');
}

async function median(read: () => Promise<unknown>): Promise<number> {
  await read();
  const measured: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const startedAt = performance.now();
    await read();
    measured.push(performance.now() - startedAt);
  }
  return measured.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0;
}

/** The same statements, explained. */
async function explain(name: string, read: Read): Promise<void> {
  const query = async (sql: string, values: unknown[]) => {
    const { rows } = await pool.query<{ 'QUERY PLAN': string }>(`explain (analyze, buffers, costs off) ${sql}`, values);
    console.log([`\n${name}`, ...rows.map((row) => `  ${row['QUERY PLAN']}`)].join('\n'));
    throw new Explained();
  };
  await read({ query } as unknown as Pool).catch((thrown: unknown) => {
    if (!(thrown instanceof Explained)) throw thrown;
  });
}
