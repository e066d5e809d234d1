import type { PoolClient } from 'pg';
import type { Job } from '../database/entities/job.ts';
import type { Stage } from '../database/entities/stage.ts';
import type { PlanLimits } from '../domain/partitions.ts';
import type { Line } from './line.ts';

/** A locked job of which nothing is in flight, and what planning its next step takes. */
export interface Planning {
  client: PoolClient;
  job: Job;
  plan: PlanLimits;
  line: Line;
  stages: Stage[];
}
