import { z } from 'zod';
import { findUnstorable } from '../domain/storable-json.ts';
import { rateLimits } from '../domain/bucket.ts';
import { chunkSizeLimits } from '../domain/chunk-ranges.ts';
import { InvalidInputError, LimitExceededError, type InputIssue } from '../domain/errors.ts';
import { assertExportable, maxExports } from '../domain/export.ts';
import { chooseColumns } from '../exports/table-columns.ts';
import { maxInlineItems } from '../domain/job.ts';
import { lockKeyPath, lockKeyPattern } from '../domain/lock-key.ts';
import type { JobType } from '../job-types/define-job-type.ts';
import { createItemValidator } from '../job-types/validate-item.ts';
import type { SubmitJobCommand } from './commands.ts';

const maxMetadataBytes = 64 * 1024;

/** The job type's options with their defaults. @throws InvalidInputError */
export function parseOptions(jobType: JobType, options: unknown): Record<string, unknown> {
  const parsed = jobType.options.safeParse(options);
  if (parsed.success) return parsed.data;
  throw new InvalidInputError(
    `The options of ${jobType.name} are not right.`,
    toIssues(parsed.error, ['spec', jobType.name]),
  );
}

function toIssues(error: z.ZodError, prefix: string[]): InputIssue[] {
  return error.issues.map((issue) => ({
    path: [...prefix, ...issue.path.map(String)],
    message: issue.message,
    row: null,
    field: issue.path.length > 0 ? issue.path.join('.') : null,
  }));
}

const commandSchema = z.object({
  title: z.string().trim().min(1, 'must not be empty').max(200),
  chunkPriority: z.number().int().min(0).max(10),
  chunkSize: z.number().int().min(chunkSizeLimits.min).max(chunkSizeLimits.max).nullable(),
  idempotencyKey: z.string().min(1).max(200).nullable(),
  limits: z.object({ itemsPerSecond: z.number().min(rateLimits.min).max(rateLimits.max).nullish() }).nullish(),
  estimatedMinutes: z.number().int().min(1).max(525_600).nullable(),
  metadata: z
    .record(z.string(), z.unknown())
    .refine(
      (metadata) => JSON.stringify(metadata).length <= maxMetadataBytes,
      `must be at most ${maxMetadataBytes} bytes of JSON`,
    ),
  exports: z.array(z.unknown()).max(maxExports, `must be at most ${maxExports}`),
});

/** @throws InvalidInputError, LimitExceededError */
export function assertCommand(jobType: JobType, command: SubmitJobCommand, lockKey: string | null): void {
  const parsed = commandSchema.safeParse(command);
  if (!parsed.success)
    throw new InvalidInputError('The job cannot be submitted like this.', toIssues(parsed.error, []));
  const unstorable = findUnstorable({
    title: command.title,
    metadata: command.metadata,
    options: command.options,
    source: command.source,
  });
  if (unstorable) {
    const message = `${unstorable.path.join('.')} ${unstorable.message}`;
    throw new InvalidInputError(message, [
      { path: unstorable.path, message: unstorable.message, row: null, field: null },
    ]);
  }
  if (lockKey !== null) assertLockKey(jobType, lockKey);
  for (const request of command.exports) {
    assertExportable(request);
    chooseColumns(jobType, request.columns);
  }
  if (command.source.kind === 'inline' && command.source.items.length > maxInlineItems) {
    throw new LimitExceededError(
      `A request carries at most ${maxInlineItems} items, not ${command.source.items.length}. Send more as a file: createUpload.`,
      { limit: maxInlineItems },
    );
  }
}

/** @throws InvalidInputError that names the fields there are */
function assertLockKey(jobType: JobType, lockKey: string): void {
  const refuse = (message: string): never => {
    throw new InvalidInputError(`lockKey ${message}.`, [{ path: ['lockKey'], message, row: null, field: 'lockKey' }]);
  };
  if (!lockKeyPattern.test(lockKey)) refuse('must be the name of a field, like "account" or "customer.id"');
  const [field = ''] = lockKeyPath(lockKey);
  const { shape, def } = jobType.item;
  const isOpen = def.catchall !== undefined;
  if (!isOpen && !Object.hasOwn(shape, field))
    refuse(
      `must be a field of the items of ${jobType.name}: ${Object.keys(shape).join(', ')}; not ${JSON.stringify(lockKey)}`,
    );
}

/** STRICT items that came with the request are refused with the request. @throws InvalidInputError with the first 100 problems */
export function assertInlineItems(jobType: JobType, command: SubmitJobCommand): void {
  if (command.source.kind !== 'inline') return;
  const validate = createItemValidator(jobType, 'STRICT');
  const issues = command.source.items.flatMap((item, index): InputIssue[] => {
    const checked = validate(item);
    if (checked.ok) return [];
    return checked.issues.map((issue) => ({
      path: ['source', 'inline', 'items', String(index), ...(issue.field ? [issue.field] : [])],
      message: issue.message,
      row: index + 1,
      field: issue.field,
    }));
  });
  if (issues.length > 0)
    throw new InvalidInputError(`${issues.length} problems in the items; STRICT takes none.`, issues.slice(0, 100));
}
