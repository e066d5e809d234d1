/**
 * A relation of the open chunks of job $1, stage $2, generation $3: `index`, `position` among them, and `start`, the position of the
 * first of its run. Chunks of a run hold items of one and the same lock key: they can only run one after the other.
 */
export const openRuns = `(
       select index, position, max(position) filter (where is_first) over (order by position) as start
       from (
         select index, row_number() over (order by index) - 1 as position,
                cardinality(lock_keys) is distinct from 1 or lag(lock_keys) over (order by index) is distinct from lock_keys as is_first
         from chunks
         where job_id = $1 and stage = $2 and generation = $3 and state in ('PENDING', 'RUNNING')
       ) open
     )`;
