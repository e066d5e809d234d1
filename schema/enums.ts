import { callerKinds } from '../src/domain/caller.ts';
import { storageProblems } from '../src/domain/destination.ts';
import { errorCodes } from '../src/domain/errors.ts';
import { exportContents, exportFormats, exportStates } from '../src/domain/export.ts';
import { weekdays } from '../src/domain/execution-window.ts';
import { canaryStates, deadlineActions } from '../src/domain/guard-rails.ts';
import { itemStates } from '../src/domain/item-counts.ts';
import { jobActions, jobStates, pauseReasons } from '../src/domain/job-state.ts';
import { earlierItems, priorities, uploadFormats, validationLevels } from '../src/domain/job.ts';
import { queueLevels } from '../src/domain/line.ts';
import { quotaNames } from '../src/domain/quota.ts';
import { redriveKinds } from '../src/domain/redrive.ts';
import { projectRoles, scopes } from '../src/domain/scope.ts';
import { chunkStates, stageKinds, stageStates } from '../src/domain/stage-plan.ts';
import { describedEnum } from './described-enum.ts';

export const JobStateEnum = describedEnum('JobState', 'Where a job stands.', jobStates, {
  PENDING: 'Accepted; it waits for its turn.',
  RUNNING: 'Its items are being read or worked on.',
  PAUSING: 'A pause was asked for; what is running comes to its end first.',
  PAUSED: 'Nothing of it is running, until it is resumed.',
  COMPLETING: 'All items have ended; the job is being finished.',
  COMPLETED: 'It is over; single items may have failed.',
  CANCELING: 'A cancellation was asked for; what is running comes to its end first.',
  CANCELED: 'It was canceled; finished results are kept.',
  FAILED: 'It is over without success: it was refused, it broke, or all of its items failed.',
});

export const JobActionEnum = describedEnum('JobAction', 'What can be asked of a job.', jobActions, {
  PAUSE: 'Let what is running end, then stop: `pauseJob`.',
  RESUME: 'Go on after a pause: `resumeJob`.',
  CANCEL: 'End it and keep what is finished: `cancelJob`.',
  RETRY: 'Run the failed items again: `retryJob`.',
  APPROVE: 'Let it go on after its first items were looked at: `approveJob`.',
  DELETE: 'Remove it with its items, results and exports: `deleteJob`.',
});

export const PauseReasonEnum = describedEnum('PauseReason', 'Why a job is paused.', pauseReasons, {
  USER: 'Somebody asked for it.',
  BREAKER: 'Too many items failed.',
  BUDGET: 'Its budget is used up.',
  WINDOW: 'It is outside its execution window.',
  APPROVAL: 'Its first items wait for approval.',
  PROVIDER: 'An outside service asked to wait.',
});

export const DeadlineActionEnum = describedEnum(
  'DeadlineAction',
  'What becomes of a job that has not ended at its deadline; results so far are kept.',
  deadlineActions,
  {
    FAIL: 'It is FAILED; a retry goes on where it stopped, with its deadline anew.',
    CANCEL: 'It is CANCELED.',
  },
);

export const CanaryStateEnum = describedEnum('CanaryState', 'Where a canary stands.', canaryStates, {
  RUNNING: 'Its items have not all ended.',
  WAITING: 'Its items have ended, and the others wait for approval.',
  APPROVED: 'Somebody let the others run.',
  PASSED: 'Its items have ended, and there were no others to wait.',
});

export const WeekdayEnum = describedEnum('Weekday', 'A day of the week.', weekdays, {
  MONDAY: 'Monday.',
  TUESDAY: 'Tuesday.',
  WEDNESDAY: 'Wednesday.',
  THURSDAY: 'Thursday.',
  FRIDAY: 'Friday.',
  SATURDAY: 'Saturday.',
  SUNDAY: 'Sunday.',
});

export const ItemStateEnum = describedEnum('ItemState', 'Where an item stands.', itemStates, {
  PENDING: 'It waits for its turn.',
  RUNNING: 'It is in a chunk that is running.',
  SUCCEEDED: 'It is done.',
  FAILED: 'It ended with an error.',
  SKIPPED: 'It needed no work.',
  CANCELED: 'Its job was canceled before it ended.',
});

export const StageStateEnum = describedEnum('StageState', 'Where a stage stands.', stageStates, {
  PENDING: 'It has not begun.',
  RUNNING: 'It is at work.',
  COMPLETED: 'It is over.',
  FAILED: 'It broke, and the job with it.',
  SKIPPED: 'There was nothing to do.',
  CANCELED: 'The job was canceled before it was over.',
});

export const StageKindEnum = describedEnum('StageKind', 'How a stage works.', stageKinds, {
  INGEST: 'It reads the source, or selects what runs again.',
  ITEMS: 'It runs over all items, in chunks.',
  ONCE: 'It runs a single time, after the stages before it.',
});

export const ChunkStateEnum = describedEnum('ChunkState', 'Where a chunk stands.', chunkStates, {
  PENDING: 'It waits for its turn.',
  RUNNING: 'A worker is at it.',
  COMPLETED: 'All of its items are through the stage or have ended.',
  FAILED: 'It was given up; its remaining items are FAILED.',
  CANCELED: 'Its job was canceled before it was over.',
});

export const RedriveKindEnum = describedEnum(
  'RedriveKind',
  'How the items of a redrive were chosen among those that failed.',
  redriveKinds,
  {
    ALL_FAILURES: 'All of them.',
    FINGERPRINT: 'Those of one failure group.',
    ITEMS: 'One by one.',
    CHUNKS: 'Those of chunks that were given up.',
  },
);

export const PriorityEnum = describedEnum('Priority', 'How urgent a job is.', priorities, {
  LOW: 'It can wait for others.',
  NORMAL: 'It takes its turn.',
  HIGH: 'It goes before others.',
});

export const ValidationLevelEnum = describedEnum(
  'ValidationLevel',
  'What happens to an item that does not fit the schema of its job type.',
  validationLevels,
  {
    STRICT: 'The whole job is refused, with a list of the first problems.',
    MODERATE: 'The item fails, the others run.',
    PERMISSIVE: 'What can be coerced is coerced first, the rest as in MODERATE.',
  },
);

export const UploadFormatEnum = describedEnum(
  'UploadFormat',
  'How the items lie in a file; one that is packed, by gzip or in a ZIP archive, is recognized by its first bytes.',
  uploadFormats,
  {
    CSV: 'A header and lines, with commas, semicolons, tabs or pipes between the values.',
    TSV: 'A header and lines, with tabs between the values.',
    JSONL: 'One JSON object a line.',
    JSON: 'One JSON array of objects.',
    XLSX: 'A sheet of an Excel workbook (.xlsx): a header and rows; numbers digit by digit, dates as ISO 8601, formulas as their stored values.',
    PARQUET: 'Apache Parquet; decimals digit by digit, times as ISO 8601, lists and structs as JSON.',
  },
);

export const EarlierItemsEnum = describedEnum(
  'EarlierItems',
  'Which items of an earlier job become the items of another one.',
  earlierItems,
  {
    ALL: 'All that came in, as they came in.',
    FAILED: 'Those that FAILED, as they came in.',
    OUTPUTS: 'What the job made of those that SUCCEEDED.',
  },
);

export const ExportFormatEnum = describedEnum('ExportFormat', 'Format of an export.', exportFormats, {
  JSON: 'One JSON document.',
  JSONL: 'One JSON object a line.',
  CSV: 'Comma-separated values with a header.',
  PARQUET:
    'Apache Parquet with typed columns; what does not fit its column is null there, and JSON in the column `unfit_values`.',
  XLSX: 'An Excel workbook: numbers of up to 15 digits are numbers, longer ones text; moments are dates in UTC.',
  ZIP: 'Several files and a manifest with their checksums; tables of more than 20,000 items are cut into numbered files.',
});

export const ExportContentEnum = describedEnum('ExportContent', 'What an export holds.', exportContents, {
  ITEMS: 'Every item with its result.',
  FAILURES: 'The failed items with their errors.',
  AGGREGATES: 'The totals.',
  ALL: 'Items, failures and totals.',
});

export const ExportStateEnum = describedEnum('ExportState', 'Where an export stands.', exportStates, {
  PENDING: 'It waits for its turn, or for the end of the job.',
  RUNNING: 'It is being written.',
  COMPLETED: 'It can be downloaded.',
  FAILED: 'It could not be written.',
  EXPIRED: 'Its file is deleted.',
});

export const ErrorCodeEnum = describedEnum('ErrorCode', 'What kind of refusal an error is.', errorCodes, {
  NOT_FOUND: 'There is no such thing in the project.',
  CONFLICT: 'The state does not allow it.',
  INVALID_INPUT: 'The input cannot be used.',
  UNAUTHENTICATED: 'Credentials are missing or unknown.',
  PERMISSION_DENIED: 'The credentials do not allow it.',
  LIMIT_EXCEEDED: 'A limit or quota is used up.',
  AGGREGATES_NOT_READY: 'The job is not complete yet.',
  PROVIDER_REJECTED: 'An outside service refused.',
  SHEET_NOT_FOUND: 'There is no such spreadsheet.',
  INVALID_RANGE: 'The spreadsheet has no such range.',
  ACCOUNT_REVOKED: 'A connected account no longer lets Longhaul in: connect it again.',
});

export const ScopeEnum = describedEnum('Scope', 'What credentials allow in a project.', scopes, {
  READ: 'See jobs, their items, events, figures and exports, uploads and the ledger; make follow tokens.',
  SUBMIT: 'Submit jobs, upload and preview their sources, make exports; includes READ.',
  CONTROL: 'Pause, resume, cancel, retry and delete jobs, delete exports; includes READ.',
  ADMIN: 'Make and revoke keys, add and remove members; includes all others.',
});

export const ProjectRoleEnum = describedEnum('ProjectRole', 'What a user is in a project.', projectRoles, {
  VIEWER: 'Has the scope READ.',
  SUBMITTER: 'Has the scopes READ and SUBMIT.',
  OPERATOR: 'Has the scopes READ, SUBMIT and CONTROL.',
  ADMIN: 'Has all scopes.',
});

export const CallerKindEnum = describedEnum('CallerKind', 'What kind of credentials a caller has.', callerKinds, {
  API_KEY: 'An API key of the project.',
  USER: 'A token of a user who is a member of the project.',
  FOLLOW_TOKEN: 'A token that reads one job.',
});

export const QueueLevelEnum = describedEnum('QueueLevel', 'Which jobs a limit counts.', queueLevels, {
  USER: 'Those of the project that the same key or user submitted.',
  PROJECT: 'Those of the same project.',
  INSTALLATION: 'Those of all projects.',
});

export const QuotaNameEnum = describedEnum('QuotaName', 'What is limited.', quotaNames, {
  SUBMITS: 'Jobs that you submit.',
  EXPORTS: 'Exports that you ask for.',
  REQUESTS: 'Your requests over HTTP.',
  PROJECT_REQUESTS: 'Requests over HTTP of everybody in the project.',
});

export const StorageProblemEnum = describedEnum(
  'StorageProblem',
  'Why a destination cannot be used.',
  storageProblems,
  {
    UNREACHABLE: 'It does not answer.',
    FORBIDDEN_ADDRESS: 'Its address is not public, and the operator has not allowed it.',
    NO_BUCKET: 'There is no such bucket.',
    WRONG_REGION: 'The bucket is in another region.',
    WRONG_CREDENTIALS: 'The credentials are not known, or wrong.',
    NO_PERMISSION: 'The credentials do not allow what is needed: read, write, list and delete.',
    CLOCK_SKEW: "The server's clock and the store's are too far apart.",
    OTHER: 'Something else, which the message tells.',
  },
);
