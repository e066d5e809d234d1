/** The limits of an installation, with their defaults; null where there is none. A user is whoever submits: a key or a user. */
export const defaultLimits = {
  /** Jobs of one user that run at a time. */
  runningJobsPerUser: 3,
  /** Jobs of one project that run at a time. */
  runningJobsPerProject: null,
  /** Jobs that run at a time. */
  runningJobs: null,
  /** Jobs that one user submits in an hour. */
  submitsPerHour: null,
  /** Exports that one user asks for in an hour. */
  exportsPerHour: null,
  /** Requests of one user in a minute. */
  requestsPerMinute: null,
  /** Requests of one project in a minute. */
  projectRequestsPerMinute: null,
  /** Reads, and as many writes, that Google's Sheets API is asked for in a minute by all of this installation. */
  googleRequestsPerMinute: 300,
  /** The same, in the name of one account. */
  googleUserRequestsPerMinute: 60,
} as const satisfies Record<string, number | null>;

export type LimitName = keyof typeof defaultLimits;
export type Limits = Record<LimitName, number | null>;

const names = Object.keys(defaultLimits) as LimitName[];

/** "runningJobsPerUser=5,submitsPerHour=none", over the defaults. @throws Error that says what is wrong */
export function parseLimits(text: string): Limits {
  const limits: Limits = { ...defaultLimits };
  for (const part of text.split(',')) {
    const [given = '', value = ''] = part.split('=').map((each) => each.trim());
    const name = names.find((each) => each === given);
    if (!name) throw new Error(`"${given}" is no limit; there are ${names.join(', ')}`);
    if (value !== 'none' && !/^[1-9]\d{0,8}$/.test(value)) {
      throw new Error(`${name} must be a whole number from 1, or none, not "${value}"`);
    }
    limits[name] = value === 'none' ? null : Number(value);
  }
  return limits;
}
