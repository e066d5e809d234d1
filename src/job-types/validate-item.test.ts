import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { validationLevels } from '../domain/job.ts';
import { defineJobType } from './define-job-type.ts';
import { dateTime, decimal } from './fields.ts';
import { jobTypes } from './registry.ts';
import { createItemValidator } from './validate-item.ts';

const sample = defineJobType({
  name: 'sample',
  itemName: 'Sample',
  title: 'Sample',
  description: 'One field of each kind.',
  item: z.object({
    name: z.string().min(1).max(20),
    amount: decimal('Exact.'),
    at: dateTime('When.').optional(),
    count: z.number().int().optional(),
    active: z.boolean().default(false),
    color: z.enum(['RED', 'GREEN']).optional(),
    note: z.string().nullable().optional(),
    tags: z.array(z.string()).optional(),
    nested: z.object({ price: decimal('Exact.') }).optional(),
  }),
  options: z.object({}),
  output: z.object({}),
  aggregates: {},
  itemKey: (item) => item.name,
  coerceItem: (raw) => (raw['colour'] === undefined ? raw : { ...raw, color: raw['colour'] }),
  declaredItemsPerSecond: 1,
  stages: [],
  example: { options: {}, items: [] },
});
// The registry hands out types whose schemas are known at run time only.
const jobType = sample as unknown as (typeof jobTypes)[number];

describe('an item', () => {
  it('that fits comes back canonical, with its key', () => {
    const check = createItemValidator(jobType, 'MODERATE');
    expect(check({ name: 'a', amount: '1.50', at: '2026-01-31', extra: 1 })).toEqual({
      ok: true,
      item: { name: 'a', amount: '1.50', at: '2026-01-31T00:00:00.000Z', active: false },
      key: 'a',
    });
  });

  it('that does not fit names every field and what is wrong with it', () => {
    const check = createItemValidator(jobType, 'STRICT');
    expect(check({ name: 'a', at: 'soon', count: 'x', nested: {} })).toEqual({
      ok: false,
      issues: [
        { field: 'amount', message: 'is missing' },
        { field: 'at', message: 'must be an ISO 8601 date and time like 2026-01-31T12:00:00Z, not "soon"' },
        { field: 'count', message: 'Invalid input: expected number, received string' },
        { field: 'nested.price', message: 'is missing' },
      ],
      key: 'a',
    });
  });

  it.each([
    [null, "must be an object with the item's fields, not null"],
    [[1], "must be an object with the item's fields, not a list"],
    ['x', "must be an object with the item's fields, not a string"],
  ])('that is %j is refused as a whole', (raw, message) => {
    expect(createItemValidator(jobType, 'PERMISSIVE')(raw)).toEqual({
      ok: false,
      issues: [{ field: null, message }],
      key: null,
    });
  });

  it.each([
    ['a NUL character', 'a\0b', 'holds a NUL character'],
    ['half a surrogate pair', 'a\ud800', 'holds half of a surrogate pair, which is no character'],
  ])('with %s is refused at every level', (_, note, message) => {
    for (const level of validationLevels) {
      const checked = createItemValidator(jobType, level)({ name: 'a', amount: '1', note });
      expect(checked).toEqual({ ok: false, issues: [{ field: 'note', message }], key: null });
    }
  });

  it('that is nested too deeply is refused before anything walks it', () => {
    const deep = JSON.parse(`{"name":"a","amount":"1","note":${'['.repeat(5_000)}${']'.repeat(5_000)}}`);
    const checked = createItemValidator(jobType, 'PERMISSIVE')(deep);
    expect(checked).toMatchObject({ ok: false, issues: [{ message: 'is nested more than 64 levels deep' }] });
  });

  it('quotes only the beginning of a long value', () => {
    const checked = createItemValidator(jobType, 'MODERATE')({ name: 'a', amount: 'x'.repeat(100_000) });
    expect(checked.ok ? [] : checked.issues.map(({ message }) => message.length)).toEqual([501]);
  });
});

describe('from CSV', () => {
  const check = createItemValidator(jobType, 'MODERATE', 'TEXT');

  it('gets the types of its fields, and empty optional fields are absent', () => {
    const row = { name: ' a', amount: '1.50', at: '', count: '3', active: 'TRUE', color: '', note: '' };
    expect(check(row)).toEqual({ ok: true, item: { name: ' a', amount: '1.50', count: 3, active: true }, key: ' a' });
  });

  it('misses required fields that are empty, and tidies nothing', () => {
    expect(check({ name: '', amount: '', count: '1,000', color: 'blue' })).toEqual({
      ok: false,
      issues: [
        { field: 'name', message: 'is missing' },
        { field: 'amount', message: 'is missing' },
        { field: 'count', message: 'Invalid input: expected number, received string' },
        { field: 'color', message: 'Invalid option: expected one of "RED"|"GREEN"' },
      ],
      key: null,
    });
  });
});

describe('PERMISSIVE', () => {
  const check = createItemValidator(jobType, 'PERMISSIVE');

  it('brings into shape what has a clear meaning', () => {
    const raw = {
      name: ' a ',
      amount: '€ 1,234.50',
      at: '2026/01/31',
      count: ' 1,000 ',
      active: 'Yes',
      colour: 'RED',
      note: null,
      tags: [' x ', 'y'],
      nested: { price: '12,5' },
    };
    expect(check(raw)).toEqual({
      ok: true,
      item: {
        name: 'a',
        amount: '1234.50',
        at: '2026-01-31T00:00:00.000Z',
        count: 1000,
        active: true,
        color: 'RED',
        note: null,
        tags: ['x', 'y'],
        nested: { price: '12.5' },
      },
      key: 'a',
    });
  });

  it('takes numbers for text, nulls and empty text for nothing, and enum members in any case', () => {
    expect(check({ name: 12, amount: 3, at: null, count: '', active: 0, color: 'green' })).toEqual({
      ok: true,
      item: { name: '12', amount: '3', active: false, color: 'GREEN' },
      key: '12',
    });
  });

  it('leaves what it does not understand for the schema to refuse', () => {
    const checked = check({ name: 'a', amount: 'a lot', active: 'perhaps' });
    expect(checked).toMatchObject({ ok: false, issues: [{ field: 'amount' }, { field: 'active' }] });
  });
});

const decimals = fc.stringMatching(/^-?(0|[1-9][0-9]{0,19})(\.[0-9]{1,18})?$/);

describe('a decimal', () => {
  test.prop([decimals])('comes through every level digit by digit', (amount) => {
    for (const level of validationLevels) {
      for (const origin of ['TEXT', 'TYPED'] as const) {
        const checked = createItemValidator(jobType, level, origin)({ name: 'a', amount });
        expect(checked).toMatchObject({ ok: true, item: { amount } });
      }
    }
  });
});

describe.each(jobTypes.map((type) => [type.name, type] as const))('%s', (_, type) => {
  it.each(validationLevels)(
    'takes the items of its example as they are at level %s, and again what came of them',
    (level) => {
      const check = createItemValidator(type, level);
      for (const item of type.example.items) {
        const first = check(item);
        expect(first).toMatchObject({ ok: true });
        expect(check(first.ok ? first.item : null)).toEqual(first);
      }
    },
  );
});
