import { z } from 'zod';
import { expect, test } from 'vitest';
import { dateTime, decimal } from '../job-types/fields.ts';
import { planAggregates } from './aggregate-plan.ts';
import { average, count, countOf, groupBy, max, min, sum, type Aggregates } from './declare-aggregates.ts';

const item = z.object({
  shop: z.string().describe('A shop.'),
  price: decimal('A price.'),
  at: dateTime('A moment.').optional(),
  tags: z.array(z.string()),
});
const output = z.object({ seconds: z.number().nullable().describe('Time that it took.') });
const plan = (aggregates: Aggregates) => planAggregates(aggregates, item, output);

test('what is added up once serves every figure that needs it', () => {
  const { dimensions } = plan({
    total: sum('input.price', 'T.'),
    mean: average('input.price', 'M.'),
    priced: countOf('input.price', 'P.'),
    items: count('I.'),
  });
  expect(dimensions.map(({ name, measures }) => ({ name, measures: measures.map(({ id }) => id) }))).toEqual([
    { name: '', measures: ['SUM:input.price', 'VALUES:input.price', 'ITEMS'] },
  ]);
});

test('only what can be missing may be null', () => {
  const { schema } = plan({
    mean: average('input.price', 'M.'),
    byShop: groupBy('input.shop', 'S.', {
      as: 'shop',
      figures: { least: min('input.price', 'L.'), latest: max('input.at', 'A.'), slowest: max('output.seconds', 'O.') },
    }),
  });
  const group = { shop: 'a', least: '1.00', latest: null, slowest: null };
  expect(schema.parse({ mean: null, byShop: [group] })).toEqual({ mean: null, byShop: [group] });
  expect(schema.safeParse({ mean: null, byShop: [{ ...group, least: null }] }).success).toBe(false);
});

test.each<[Aggregates, string]>([
  [{ x: sum('input.nothing', '') }, 'There is no field "input.nothing" to aggregate.'],
  [{ x: sum('input.shop', '') }, 'x: there is no SUM of input.shop, which is no number.'],
  [{ x: average('input.at', '') }, 'x: there is no AVERAGE of input.at, which is no number.'],
  [
    { x: groupBy('input.tags', '', { as: 'tag', figures: { n: count('') } }) },
    'x: groups can be made by texts, enums, booleans and whole numbers, not by input.tags.',
  ],
  [{ x: groupBy('input.shop', '', { as: 'shop', figures: {} }) }, 'x: groups have at least one figure.'],
  [
    { x: groupBy('input.shop', '', { as: 'shop', figures: { n: count('') }, top: { by: 'm' } }) },
    'x: there is no figure "m" to rank by.',
  ],
  [
    { x: groupBy('input.shop', '', { as: 'shop', figures: { n: count('') }, top: { by: 'n', count: 101 } }) },
    'x: at most 100 groups are ranked.',
  ],
])('an aggregate that cannot be is refused when the job type is defined: %#', (aggregates, message) => {
  expect(() => plan(aggregates)).toThrow(message);
});
