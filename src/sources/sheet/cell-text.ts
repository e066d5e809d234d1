import type { CellValue } from '../../providers/google/sheets-client.ts';
import { toExactDecimal } from '../xlsx/exact-decimal.ts';
import { toSheetsMoment } from '../xlsx/serial-date.ts';

/**
 * A cell as text. `shown` is the same cell when dates come as people see them: a number that then is a text is a date or a
 * time, which becomes ISO 8601 ("2026-03-02", "2026-03-02T09:30:00Z", "09:30:00"). Lengths of time of a day and more stay
 * numbers of days, other numbers keep the digits of their double.
 */
export function toCellText(value: CellValue | undefined, shown: CellValue | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  if (typeof value === 'string') return value;
  const isLength = typeof shown === 'string' && value >= 1 && /^\d+:\d{2}(?::\d{2}(?:\.\d+)?)?$/.test(shown.trim());
  const moment = typeof shown === 'string' && !isLength ? toSheetsMoment(value) : null;
  return moment ?? String(toExactDecimal(String(value)) ?? value);
}
