import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from 'pg';
import { Gauge, type Registry } from 'prom-client';
import { countQueue } from '../database/sql/count-queue.ts';
import { isTerminal, jobStates } from '../domain/job-state.ts';

/** A scrape waits no longer for Postgres: it must answer while Postgres is away. */
const patienceMs = 2_000;

const unfinished = jobStates.filter((state) => !isTerminal(state));

/** What is to be done, over all projects and processes: each process that is asked says the same, and nothing while Postgres is away. */
export function createQueueDepth(registry: Registry, pool: Pool): { refresh(): Promise<void> } {
  const labelNames = ['state'] as const;
  const registers = [registry];
  const jobs = new Gauge({
    name: 'longhaul_queue_jobs',
    help: 'Jobs that have not ended, by state.',
    labelNames,
    registers,
  });
  const items = new Gauge({
    name: 'longhaul_queue_items',
    help: 'Items that have not ended, by the state of their job; those of a source count as they are read.',
    labelNames,
    registers,
  });
  return {
    async refresh() {
      // Whatever is wrong with the database, the other figures are wanted.
      const rows = await Promise.race([countQueue(pool).catch(() => null), delay(patienceMs, null, { ref: false })]);
      jobs.reset();
      items.reset();
      if (rows === null) return;
      for (const state of unfinished) {
        const row = rows.find((each) => each.state === state);
        jobs.set({ state }, row?.jobs ?? 0);
        items.set({ state }, row?.items ?? 0);
      }
    },
  };
}
