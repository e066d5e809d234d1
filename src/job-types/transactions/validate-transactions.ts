import type { ItemOutcome, WorkItem } from '../define-job-type.ts';
import type { TransactionItem, TransactionOutput } from './transactions.ts';

/**
 * Holds each item to what a booking needs beyond its shape: no more decimals than the currency has
 * (ISO 4217 minor units, from the ICU data of the runtime), and a date that has come (a day's grace for time zones).
 */
export function validateTransactions(items: WorkItem<TransactionItem>[]): ItemOutcome<TransactionOutput>[] {
  const latest = new Date(Date.now() + 86_400_000).toISOString();
  return items.map(({ input }) => {
    const decimals = input.amount.split('.')[1]?.replace(/0+$/, '').length ?? 0;
    const allowed = minorUnits(input.currency);
    if (decimals > allowed) {
      return failure(
        'TOO_MANY_DECIMALS',
        'amount',
        `${input.currency} has ${allowed} decimals, but the amount is ${input.amount}`,
      );
    }
    if (input.occurredAt > latest) {
      return failure('IN_THE_FUTURE', 'occurredAt', `the transaction lies in the future: ${input.occurredAt}`);
    }
    return { state: 'SUCCEEDED' };
  });
}

function failure(code: string, field: string, message: string): ItemOutcome<TransactionOutput> {
  return { state: 'FAILED', error: { code, field, message } };
}

const minorUnitsByCurrency = new Map<string, number>();

function minorUnits(currency: string): number {
  const known = minorUnitsByCurrency.get(currency);
  if (known !== undefined) return known;
  const digits =
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
  minorUnitsByCurrency.set(currency, digits);
  return digits;
}
