import { expect, test } from 'vitest';
import { generateTransactions, type GeneratedRow } from './generate-transactions.ts';

const rows = [...generateTransactions(20_000)];
const good = rows.filter((row) => row.flaw === null);
const countBy = <K>(keyOf: (row: GeneratedRow) => K) =>
  rows.reduce((counts, row) => counts.set(keyOf(row), (counts.get(keyOf(row)) ?? 0) + 1), new Map<K, number>());

test('the same number of rows is the same rows', () => {
  expect([...generateTransactions(20_000)]).toEqual(rows);
  expect(rows.slice(0, 3)).toMatchInlineSnapshot(`
    [
      {
        "cells": [
          "QS-0000001",
          "DE35100100100000004665",
          "63.04",
          "GBP",
          "2025-01-01T00:17:53Z",
          "Invoice, paid in full",
        ],
        "flaw": null,
      },
      {
        "cells": [
          "QS-0000002",
          "DE03100100100000000637",
          "7815",
          "JPY",
          "2025-01-01T00:41:31Z",
          "Coffee ☕ and cake 🍰",
        ],
        "flaw": null,
      },
      {
        "cells": [
          "QS-0000003",
          "DE81100100100000001799",
          "39.58",
          "AUD",
          "2025-01-01T01:06:35Z",
          "Standing order, rent",
        ],
        "flaw": null,
      },
    ]
  `);
});

test('about one row in a hundred is bad, in four ways', () => {
  const flaws = countBy((row) => row.flaw);
  expect(flaws.size).toBe(5);
  const bad = rows.length - good.length;
  expect(bad / rows.length).toBeGreaterThan(0.008);
  expect(bad / rows.length).toBeLessThan(0.012);
});

test('good rows have references of their own, known currencies and as many decimals as the currency has', () => {
  expect(new Set(good.map((row) => row.cells[0])).size).toBe(good.length);
  for (const { cells } of good) {
    const [, , amount = '', currency = ''] = cells;
    const decimals =
      new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 0;
    expect(amount).toMatch(decimals === 0 ? /^-?\d+$/ : new RegExp(`^-?\\d+[.]\\d{${decimals}}$`));
  }
  expect([...countBy((row) => row.cells[3]).keys()]).toEqual(
    expect.arrayContaining(['EUR', 'USD', 'GBP', 'CHF', 'JPY', 'KWD', 'SEK', 'BRL', 'INR', 'AUD']),
  );
});
