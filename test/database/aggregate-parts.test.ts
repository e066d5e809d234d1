import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../src/database/new-id.ts';
import { mergeAggregateParts, type DimensionToMerge } from '../../src/database/sql/merge-aggregate-parts.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

const measures = ['ITEMS', 'SUM:input.amount', 'VALUES:input.amount', 'MIN:input.amount', 'MAX:input.amount'];
const figure = { divisor: null, decimals: 0 };
const figures: DimensionToMerge['figures'] = [
  { ...figure, kind: 'COUNT', measure: 0 },
  { ...figure, kind: 'SUM', measure: 1 },
  { kind: 'AVERAGE', measure: 1, divisor: 2, decimals: 6 },
  { ...figure, kind: 'MIN', measure: 3 },
  { ...figure, kind: 'MAX', measure: 4 },
];

/** Stores parts as commits do, each of another chunk, and merges them. */
async function merge(parts: Record<string, unknown[]>[], input: Partial<DimensionToMerge> = {}) {
  const jobId = newId();
  return await db.database.transaction(async (client) => {
    for (const [chunk, groups] of parts.entries()) {
      await client.query(
        'insert into aggregate_parts (job_id, dimension, generation, chunk, remaining, groups) values ($1, $2, 0, $3, 0, $4)',
        [jobId, 'byAccount', chunk, JSON.stringify(groups)],
      );
    }
    const dimension = 'byAccount';
    const wanted = { jobId, dimension, measures, figures, isGrouped: true, rankedBy: null, limit: 100, ...input };
    return await mergeAggregateParts(client, wanted);
  });
}

/** A part of one item for each amount. */
const part = (amounts: Record<string, string>) => {
  const values = Object.values(amounts);
  const ones = values.map(() => '1');
  return {
    keys: Object.keys(amounts),
    ITEMS: ones,
    'SUM:input.amount': values,
    'VALUES:input.amount': ones,
    'MIN:input.amount': values,
    'MAX:input.amount': values,
  };
};

test('parts add up exactly, group by group', async () => {
  const digits = '12345678901234567890.123456789012345678';
  expect(await merge([part({ b: '0.1', a: digits }), part({ b: '0.20' }), part({ a: '-1' })])).toEqual([
    {
      key: 'a',
      figures: ['2', '12345678901234567889.123456789012345678', '6172839450617283944.561728', '-1', digits],
    },
    { key: 'b', figures: ['2', '0.30', '0.150000', '0.1', '0.20'] },
  ]);
});

test('a ranking begins with the greatest, and equals follow their keys', async () => {
  const parts = [part({ c: '1', a: '9', b: '1' }), part({ c: '9', d: '0' })];
  const ranked = await merge(parts, { rankedBy: 1, limit: 3 });
  expect(ranked.map(({ key, figures: [, total] }) => [key, total])).toEqual([
    ['c', '10'],
    ['a', '9'],
    ['b', '1'],
  ]);
});

test('keys keep their type and stand in its order, whatever the language of the server', async () => {
  const ones = ['1', '1', '1', '1', '1', '1'];
  const groups = await merge([{ keys: [10, 9, 'ä', 'b', 'B', null], ITEMS: ones }]);
  expect(groups.map(({ key }) => key)).toEqual([9, 10, 'B', 'b', 'ä', null]);
});

test('what no part has is null, and counts as nothing', async () => {
  expect(await merge([{ keys: ['a'], ITEMS: ['3'] }])).toEqual([{ key: 'a', figures: ['3', '0', null, null, null] }]);
  expect(await merge([], { isGrouped: false })).toEqual([{ key: null, figures: ['0', '0', null, null, null] }]);
  expect(await merge([])).toEqual([]);
});
