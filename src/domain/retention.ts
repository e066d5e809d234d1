/** What is kept for a time: jobs, and the items of jobs, after the job's end; exports and uploads after they were made. */
export const retained = ['jobs', 'items', 'exports', 'uploads'] as const;
export type Retained = (typeof retained)[number];

/** Milliseconds that each is kept; null: until somebody deletes it. */
export type Ttls = Record<Retained, number | null>;

export interface RetentionPeriod {
  /** Null: until somebody deletes it. */
  hours: number | null;
  /** True where the project says nothing and the installation's default holds. */
  isDefault: boolean;
}
export type Retention = Record<Retained, RetentionPeriod>;

export const retentionHours = { min: 1, max: 876_000 } as const;

const hourMs = 3_600_000;

/** What holds for a project: its own periods, and the defaults where it says nothing. */
export function toRetention(own: Ttls, defaults: Ttls): Retention {
  const period = (kind: Retained): RetentionPeriod => {
    const ms = own[kind] ?? defaults[kind];
    return { hours: ms === null ? null : ms / hourMs, isDefault: own[kind] === null };
  };
  return { jobs: period('jobs'), items: period('items'), exports: period('exports'), uploads: period('uploads') };
}

/** What is wrong with a period in hours; null when nothing is. */
export function findPeriodProblem(hours: number): string | null {
  if (hours >= retentionHours.min && hours <= retentionHours.max) return null;
  return `must be between ${retentionHours.min} and ${retentionHours.max} hours, not ${hours}`;
}

/** Whole milliseconds. */
export function hoursToMs(hours: number): number {
  return Math.round(hours * hourMs);
}
