import type { JobType } from '../../src/job-types/define-job-type.ts';

/** "onDuplicate" → "OnDuplicate" */
export function upperFirst(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** "mediaDownload" → "MEDIA_DOWNLOAD" */
export function screamingSnake(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();
}

/** What the types that are derived from a job type are called. */
export function derivedNames(jobType: JobType) {
  const base = upperFirst(jobType.name);
  return {
    optionsInput: `${base}OptionsInput`,
    options: `${base}Options`,
    aggregates: `${base}Aggregates`,
    item: `${jobType.itemName}Item`,
    input: `${jobType.itemName}Input`,
    output: `${jobType.itemName}Output`,
    /** Enums of options stand under the job type's own name: `TransactionsOnDuplicate`. */
    optionsEnumPrefix: base,
  };
}
