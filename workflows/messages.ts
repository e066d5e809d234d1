import { defineSignal } from '@temporalio/workflow';

/** Something about the job changed in the database: look again. */
export const wakeSignal = defineSignal('wake');
