import type { JobFilter } from '../../domain/job-filter.ts';

/**
 * What a filter asks of `jobs`, as conditions that are joined by "and". Their values are added to `values`, whose positions they
 * name. Only what the filter has is asked: so the planner sees which index serves.
 */
export function jobConditions(filter: JobFilter, values: unknown[]): string[] {
  const { states, types, createdFrom, createdTo, createdBy, metadata } = filter;
  const value = (given: unknown) => `$${values.push(given)}`;
  return [
    ...(states ? [`state = any(${value(states)}::text[])`] : []),
    ...(types ? [`type = any(${value(types)}::text[])`] : []),
    ...titleConditions(filter, values),
    ...(createdFrom ? [`created_at >= ${value(createdFrom)}`, `id >= ${value(idAt(createdFrom, -dayMs))}::uuid`] : []),
    ...(createdTo ? [`created_at < ${value(createdTo)}`, `id < ${value(idAt(createdTo, dayMs))}::uuid`] : []),
    ...(metadata === null ? [] : [`metadata @> ${value(JSON.stringify(metadata))}::jsonb`]),
    ...(createdBy
      ? [`created_by ->> 'id' = ${value(createdBy.id)}`, `created_by ->> 'kind' = ${value(createdBy.kind)}`]
      : []),
  ];
}

/** What it asks of their titles. */
export function titleConditions({ title }: Pick<JobFilter, 'title'>, values: unknown[]): string[] {
  return title === null ? [] : [`lower(title) like lower($${values.push(containing(title))})`];
}

/** A pattern of LIKE for what contains the text, as the index on titles answers it; for three characters and more. */
function containing(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
}

/** Clocks of those who make ids and of Postgres agree to within a day. */
const dayMs = 86_400_000;

/** The first id of a moment: an index that has jobs in the order of their ids then finds where the time begins. */
function idAt(moment: Date, shiftMs: number): string {
  const hex = Math.max(0, moment.getTime() + shiftMs)
    .toString(16)
    .padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}
