import { createRandom, type Random } from './random.ts';

export const transactionColumns = ['reference', 'account', 'amount', 'currency', 'occurredAt', 'description'] as const;

/** What is wrong with a row, on purpose. A repeated reference is skipped by the ledger, the others fail. */
export type Flaw = 'MISSING_FIELD' | 'NOT_A_NUMBER' | 'UNKNOWN_CURRENCY' | 'REPEATED_REFERENCE';

export interface GeneratedRow {
  /** In the order of the columns. */
  cells: string[];
  flaw: Flaw | null;
}

/** Rough worth of a euro and decimals of each currency; repeated ones are commoner. */
const currencies: readonly [Currency, ...Currency[]] = [
  { code: 'EUR', perEuro: 1, decimals: 2 },
  { code: 'EUR', perEuro: 1, decimals: 2 },
  { code: 'EUR', perEuro: 1, decimals: 2 },
  { code: 'USD', perEuro: 1.1, decimals: 2 },
  { code: 'USD', perEuro: 1.1, decimals: 2 },
  { code: 'GBP', perEuro: 0.86, decimals: 2 },
  { code: 'CHF', perEuro: 0.95, decimals: 2 },
  { code: 'JPY', perEuro: 163, decimals: 0 },
  { code: 'KWD', perEuro: 0.34, decimals: 3 },
  { code: 'SEK', perEuro: 11.3, decimals: 2 },
  { code: 'BRL', perEuro: 6.1, decimals: 2 },
  { code: 'INR', perEuro: 92, decimals: 2 },
  { code: 'AUD', perEuro: 1.65, decimals: 2 },
];

interface Currency {
  code: string;
  perEuro: number;
  decimals: number;
}

const descriptions = [
  'Card payment',
  'Invoice, paid in full',
  'Refund for "damaged" goods',
  'Standing order, rent',
  'Café Zürich – déjeuner',
  '東京オフィス 交通費',
  'Müller & Söhne, Großhandel',
  'Zażółć gęślą jaźń',
  'دفعة مقدمة',
  'Subscription "Pro", 12 months',
  'Coffee ☕ and cake 🍰',
  '',
] as const;

const firstDay = Date.UTC(2025, 0, 1);
const yearMs = 365 * 86_400_000;
const flawShare = 0.01;

/** The same `count` rows for the same seed: realistic ones, and about 1 % that are flawed. */
export function* generateTransactions(count: number, seed = 2025): Generator<GeneratedRow> {
  const random = createRandom(seed);
  for (let index = 0; index < count; index += 1) {
    const cells = toCells(index, count, random);
    const flaw =
      random.next() < flawShare
        ? random.pick<Flaw>(['MISSING_FIELD', 'NOT_A_NUMBER', 'UNKNOWN_CURRENCY', 'REPEATED_REFERENCE'])
        : null;
    const spoiled = flaw === null ? cells : spoil(cells, flaw, index, random);
    yield { cells: spoiled, flaw };
  }
}

function toCells(index: number, count: number, random: Random): string[] {
  const currency = random.pick(currencies);
  const euros = random.logNormal(45, 1.3) * (random.next() < 0.08 ? -1 : 1);
  const occurredAt = new Date(firstDay + Math.floor(((index + random.next()) / count) * yearMs));
  return [
    toReference(index),
    toAccount(random.below(5000)),
    (euros * currency.perEuro).toFixed(currency.decimals),
    currency.code,
    occurredAt.toISOString().replace(/\.\d+/, ''),
    random.pick(descriptions),
  ];
}

function spoil(cells: string[], flaw: Flaw, index: number, random: Random): string[] {
  switch (flaw) {
    case 'MISSING_FIELD':
      return replace(cells, random.pick(['account', 'amount', 'occurredAt']), '');
    case 'NOT_A_NUMBER':
      return replace(cells, 'amount', random.pick(['n/a', '12,50', 'twelve', '1.2.3']));
    case 'UNKNOWN_CURRENCY':
      return replace(cells, 'currency', random.pick(['EURO', 'ZZZ', '$$']));
    case 'REPEATED_REFERENCE':
      return replace(cells, 'reference', toReference(random.below(Math.max(1, index))));
  }
}

function replace(cells: string[], column: (typeof transactionColumns)[number], value: string): string[] {
  return cells.with(transactionColumns.indexOf(column), value);
}

const toReference = (index: number) => `QS-${String(index + 1).padStart(7, '0')}`;
const toAccount = (number: number) =>
  `DE${String((number * 7919) % 100).padStart(2, '0')}10010010${String(number).padStart(10, '0')}`;
