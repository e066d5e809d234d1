/** What packs items (index, key) into chunks: a chunk size, and what stands for the items' relation. */
export interface Packing {
  /** A relation with `index` and `key`; null keys lock nothing. */
  items: string;
  /** Parameter or number: items of a chunk. */
  size: string;
}

/** The hash of what the payload of an item locks. The name of the field is in it, so that jobs that lock different things pass each other. */
export const lockKeySql = (payload: string, path: string) =>
  `hashtextextended(array_to_string(${path}::text[], '.') || '=' || (${payload} #>> ${path}::text[]), 0)`;

/**
 * Common table expressions that end with `packed (place, members, keys)`, one row for each chunk, its place from 0. Items of one
 * value come together: into one chunk, which may be larger by as many. A value with more items than a chunk holds fills chunks of its
 * own, one behind the other; these come first, as they cannot run side by side.
 */
export function packByKey({ items, size }: Packing): string {
  return `counted as (
       select index, key, row_number() over (order by key, index) - 1 as at,
              row_number() over (partition by key order by index) - 1 as nth, count(key) over (partition by key) as same
       from ${items} item
     ), assigned as (
       select index, key,
              case when same > ${size} then key end as own,
              case when same > ${size} then nth / ${size} else 0 end as part,
              case when key is null then at else at - nth end / ${size} as bucket
       from counted
     ), grouped as (
       select own, part, bucket, array_agg(index order by key, index) as members,
              coalesce(array_agg(distinct key order by key) filter (where key is not null), '{}') as keys
       from assigned group by own, part, bucket
     ), packed as (
       select row_number() over (order by own is null, bucket, own, part) - 1 as place, members, keys from grouped
     )`;
}
