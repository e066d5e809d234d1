import type { JobFilter } from '../../domain/job-filter.ts';

/**
 * What a filter asks of `jobs`, as conditions that are joined by "and". Their values are added to `values`, whose positions they
 * name. Only what the filter has is asked: so the planner sees which index serves.
 */
export function jobConditions(filter: JobFilter, values: unknown[]): string[] {
  const { states, types, title, createdFrom, createdTo, createdBy, metadata } = filter;
  const value = (given: unknown) => `$${values.push(given)}`;
  return [
    ...(states ? [`state = any(${value(states)}::text[])`] : []),
    ...(types ? [`type = any(${value(types)}::text[])`] : []),
    ...(title === null ? [] : [`lower(title) like lower(${value(containing(title))})`]),
    ...(createdFrom ? [`created_at >= ${value(createdFrom)}`] : []),
    ...(createdTo ? [`created_at < ${value(createdTo)}`] : []),
    ...(metadata === null ? [] : [`metadata @> ${value(JSON.stringify(metadata))}::jsonb`]),
    ...(createdBy
      ? [`created_by ->> 'id' = ${value(createdBy.id)}`, `created_by ->> 'kind' = ${value(createdBy.kind)}`]
      : []),
  ];
}

/** A pattern of LIKE for what contains the text, as the index on titles answers it; for three characters and more. */
function containing(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
}
