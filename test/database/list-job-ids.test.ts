import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../src/database/new-id.ts';
import {
  jobOrderFields,
  listJobIds,
  type JobIdsRequest,
  type JobPosition,
} from '../../src/database/sql/reads/list-job-ids.ts';
import { isTerminal, jobStates, type JobState } from '../../src/domain/job-state.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createTestProject } from '../support/project.ts';
import { everyJob } from '../support/every-job.ts';

let db: TestDatabase;
let projectId: string;

/** What decides on the order of a job: its share in percent, and microseconds after a moment. */
interface Ordered {
  id: string;
  state: JobState;
  done: number;
  micros: number;
}
const jobs: Ordered[] = [];
const moment = Date.parse('2026-05-05T00:00:00Z') * 1_000;

beforeAll(async () => {
  db = await createTestDatabase();
  projectId = (await createTestProject(db.database)).projectId;
  for (let index = 0; index < 63; index += 1) {
    const state = jobStates[(index * 5) % jobStates.length] ?? 'PENDING';
    const done = state === 'COMPLETED' ? 100 : (index * 7) % 101;
    // Some are of one microsecond.
    jobs.push({ id: newId(), state, done, micros: moment + ((index * 11) % 40) });
  }
  for (const { id, state, done, micros } of jobs) {
    const at = new Date(moment / 1_000).toISOString();
    await db.database.pool.query(
      `insert into jobs (id, project_id, input_hash, type, title, state, priority, chunk_priority, validation, options, metadata, source,
         total, succeeded, pending, updated_at, settled_at)
       select $1, $2, '', 'echo', 'Job', $3, 'NORMAL', 5, 'MODERATE', '{}', '{}', '{}', 100, $4::int, 100 - $4::int, at, case when $5 then at end
       from (select $6::timestamptz + $7::int * interval '1 microsecond' as at)`,
      [id, projectId, state, done, isTerminal(state), at, micros - moment],
    );
  }
});
afterAll(() => db.close());

const rankOf: Record<JobIdsRequest['field'], (job: Ordered) => number> = {
  CREATED_AT: () => 0,
  UPDATED_AT: ({ micros }) => micros,
  PERCENT_COMPLETE: ({ done }) => done / 100,
};

/** All pages of a list, one behind the other. */
async function walk(request: Pick<JobIdsRequest, 'field' | 'descending' | 'filter'>): Promise<JobPosition[]> {
  const found: JobPosition[] = [];
  for (;;) {
    const last = found.at(-1) ?? null;
    const [above, below] = request.descending ? [null, last] : [last, null];
    const page = await listJobIds(db.database.pool, { ...request, projectId, above, below, limit: 4 });
    found.push(...page);
    if (page.length < 4) return found;
  }
}

test.each(jobOrderFields.flatMap((field) => [true, false].map((descending) => [field, descending] as const)))(
  'pages in the order %s, descending %s, hold each job once and in its place, whether it has ended or not',
  async (field, descending) => {
    const filters = [everyJob, { ...everyJob, states: ['COMPLETED', 'RUNNING', 'FAILED'] satisfies JobState[] }];
    for (const filter of filters) {
      const sign = descending ? -1 : 1;
      const expected = jobs
        .filter(({ state }) => filter.states?.some((each) => each === state) ?? true)
        .map((job) => ({ id: job.id, rank: rankOf[field](job) }))
        .toSorted((a, b) => sign * (a.rank - b.rank || (a.id < b.id ? -1 : 1)));
      expect(await walk({ field, descending, filter })).toEqual(expected);
    }
  },
);

test.each(jobOrderFields)('between two positions in the order %s lies what lies between them', async (field) => {
  const request = { projectId, filter: everyJob, field, descending: true, above: null, below: null, limit: 100 };
  const whole = await listJobIds(db.database.pool, request);
  for (const [first, last] of [
    [0, 62],
    [5, 20],
    [30, 31],
    [17, 50],
  ] as const) {
    const [below, above] = [whole[first] ?? null, whole[last] ?? null];
    expect(await listJobIds(db.database.pool, { ...request, above, below })).toEqual(whole.slice(first + 1, last));
  }
});

test('part of a title is found through an index, in any case of letters, and stands for itself', async () => {
  const { pool } = db.database;
  const { projectId: own } = await createTestProject(db.database);
  await pool.query(
    `insert into jobs (id, project_id, input_hash, type, title, state, priority, chunk_priority, validation, options, metadata, source)
     select uuidv7(), $1, '', 'echo', case when n = 1 then 'March 100%_off\\ Payments' else 'Payments ' || n end, 'COMPLETED', 'NORMAL', 5,
       'MODERATE', '{}', '{}', '{}'
     from generate_series(1, 20000) n`,
    [own],
  );
  await pool.query('analyze jobs');
  const request = {
    projectId: own,
    field: 'CREATED_AT' as const,
    descending: true,
    above: null,
    below: null,
    limit: 10,
  };
  const find = async (title: string) => (await listJobIds(pool, { ...request, filter: { ...everyJob, title } })).length;
  expect(await Promise.all(['100%_OFF\\', 'march', '100%off', '1_0', 'payments'].map(find))).toEqual([1, 1, 0, 0, 10]);

  const plans: string[] = [];
  // Of a pool only this is called.
  const explaining = {
    query: async (text: string, values: unknown[]) => {
      const { rows } = await pool.query<Record<string, string>>(`explain ${text}`, values);
      plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
      return { rows: [] };
    },
  };
  await listJobIds(explaining as unknown as typeof pool, { ...request, filter: { ...everyJob, title: '100%_off' } });
  expect(plans[0]).toContain('jobs_title_index');
});
