import { z } from 'zod';
import { expect, test } from 'vitest';
import { dateTime, decimal } from '../job-types/fields.ts';
import { accumulate, type AggregatedItem } from './accumulate.ts';
import { planAggregates } from './aggregate-plan.ts';
import { average, count, groupBy, max, min, sum } from './declare-aggregates.ts';

const plan = planAggregates(
  {
    latest: max('input.at', 'A.'),
    byShop: groupBy('input.shop', 'S.', {
      as: 'shop',
      figures: {
        items: count('I.'),
        total: sum('input.price', 'T.'),
        mean: average('output.seconds', 'M.'),
        least: min('input.price', 'L.'),
      },
    }),
  },
  z.object({ shop: z.string().optional(), price: decimal('A price.'), at: dateTime('A moment.') }),
  z.object({ seconds: z.number().optional() }),
);

const item = (shop: string | undefined, price: string, seconds?: number): AggregatedItem => ({
  input: { shop, price, at: '2026-01-02T00:00:00.000Z' },
  output: seconds === undefined ? undefined : { seconds },
});

test('a commit adds what its items come to, by group, without loss', () => {
  const items = [
    item('a', '0.1'),
    item('b', '12345678901234567890.123456789', 0.1),
    item('a', '0.20', 0.2),
    item(undefined, '-5', 1e-7),
    item('a', '-0.3'),
  ];
  const parts = accumulate(plan, items).map(({ dimension, groups }) => ({ dimension, groups: JSON.parse(groups) }));
  expect(parts).toEqual([
    { dimension: '', groups: { keys: [null], 'MAX:input.at': [String(Date.UTC(2026, 0, 2))] } },
    {
      dimension: 'byShop',
      groups: {
        keys: ['a', 'b', null],
        ITEMS: ['3', '1', '1'],
        'SUM:input.price': ['0.00', '12345678901234567890.123456789', '-5'],
        'SUM:output.seconds': ['0.2', '0.1', '0.0000001'],
        'VALUES:output.seconds': ['1', '1', '1'],
        'MIN:input.price': ['-0.3', '12345678901234567890.123456789', '-5'],
      },
    },
  ]);
});

test('a commit without items that succeeded adds nothing', () => {
  expect(accumulate(plan, [])).toEqual([]);
});

test('an output that its schema does not allow is no figure', () => {
  expect(() => accumulate(plan, [{ input: item('a', '1').input, output: { seconds: 'soon' } }])).toThrow(
    'SUM:output.seconds cannot be worked out: "soon" is not what the schema promises.',
  );
});
