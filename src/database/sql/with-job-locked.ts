/**
 * Begins a statement that changes export $1 and writes a journal entry: "… update exports … from job". The job is locked before
 * its export, as by a retry and a purge, which change many; the other way round they could wait for each other for ever.
 */
export const withJobLocked = `with job as (
       select j.id from jobs j join exports e on e.job_id = j.id where e.id = $1 for update of j
     )`;
