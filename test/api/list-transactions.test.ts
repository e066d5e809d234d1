import { afterAll, beforeAll, expect, test } from 'vitest';
import { toGlobalId } from '../../schema/global-id.ts';
import { query } from '../support/graphql-context.ts';
import { createTestReader, type TestReader } from '../support/reader.ts';
import { halfDone, seedJob } from '../support/seed-job.ts';

let reader: TestReader;

beforeAll(async () => {
  reader = await createTestReader();
});
afterAll(() => reader.close());

test('the ledger is read in the order of booking and filtered exactly', async () => {
  const jobId = await seedJob(reader.database, reader.viewer, { ...halfDone, title: 'Bookings' });
  await reader.database.pool.query(
    `insert into ledger_transactions (project_id, job_id, item_index, reference, account, amount, currency, occurred_at)
     select $1, $2, i, 'R' || i, case when i < 5 then 'A1' else 'A2' end, (i * 0.1)::numeric(20, 2), 'EUR', timestamptz '2026-01-01T00:00:00Z' + i * interval '1 day'
     from generate_series(1, 9) i`,
    [reader.viewer.projectId, jobId],
  );
  const references = async (filter: object, page: object = {}) => {
    const source =
      'query ($filter: TransactionFilterInput, $first: Int, $after: String) { transactions(filter: $filter, first: $first, after: $after) { nodes { reference } pageInfo { endCursor } } }';
    const data = await query(reader.context, source, { filter, ...page });
    const { transactions } = data as {
      transactions: { nodes: { reference: string }[]; pageInfo: { endCursor: string } };
    }; // As the query says.
    return {
      found: transactions.nodes.map(({ reference }) => reference).join(' '),
      end: transactions.pageInfo.endCursor,
    };
  };
  const first = await references({}, { first: 3 });
  expect(first.found).toBe('R1 R2 R3');
  expect((await references({}, { first: 3, after: first.end })).found).toBe('R4 R5 R6');
  expect((await references({ references: ['R7', 'R2', 'R99'] })).found).toBe('R2 R7');
  expect((await references({ account: 'A2', currency: 'EUR' })).found).toBe('R5 R6 R7 R8 R9');
  expect((await references({ amountFrom: '0.30', amountTo: '0.5' })).found).toBe('R3 R4 R5');
  expect((await references({ occurredFrom: '2026-01-03T00:00:00Z', occurredTo: '2026-01-05T00:00:00Z' })).found).toBe(
    'R2 R3',
  );
  expect((await references({ jobId: toGlobalId('Job', jobId) })).found).toBe('R1 R2 R3 R4 R5 R6 R7 R8 R9');
  expect((await references({ jobId: 'nonsense' })).found).toBe('');
  expect(
    await query(
      reader.context,
      '{ transactions(first: 1) { nodes { amount occurredAt itemIndex description job { title } } } }',
    ),
  ).toEqual({
    transactions: {
      nodes: [
        {
          amount: '0.10',
          occurredAt: '2026-01-02T00:00:00.000Z',
          itemIndex: '1',
          description: null,
          job: { title: 'Bookings' },
        },
      ],
    },
  });
});
