import { parseDecimal } from '../../domain/exact-decimal.ts';
import type { ItemCosts } from '../../domain/guard-rails.ts';
import type { JobType } from '../../job-types/define-job-type.ts';

/** What an item of a job with these options costs, by stage; null when it costs nothing. */
export function itemCosts(jobType: JobType, options: Record<string, unknown>): ItemCosts | null {
  const { costUnit: unit } = jobType;
  if (unit === undefined) return null;
  const perItem = Object.fromEntries(
    jobType.stages.flatMap((stage): [string, string][] => {
      const price = stage.kind === 'ITEMS' ? stage.costPerItem?.(options) : undefined;
      return price !== undefined && parseDecimal(price).units > 0n ? [[stage.name, price]] : [];
    }),
  );
  return Object.keys(perItem).length > 0 ? { unit, perItem } : null;
}
