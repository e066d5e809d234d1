export const priorities = ['LOW', 'NORMAL', 'HIGH'] as const;
export type Priority = (typeof priorities)[number];

/** STRICT: a bad item refuses the job. MODERATE: it fails alone. PERMISSIVE: it is coerced first. */
export const validationLevels = ['STRICT', 'MODERATE', 'PERMISSIVE'] as const;
export type ValidationLevel = (typeof validationLevels)[number];

export const uploadFormats = ['CSV', 'JSONL'] as const;
export type UploadFormat = (typeof uploadFormats)[number];

/** Where a job's items come from. */
export type JobSource =
  | { kind: 'inline'; items: unknown[] }
  | { kind: 'upload'; uploadId: string; format: UploadFormat };

/** The most items that a request may carry itself. */
export const maxInlineItems = 1_000;
