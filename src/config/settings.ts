import { z } from 'zod';
import { InvalidInputError, toError } from '../domain/errors.ts';
import { defaultLimits, parseLimits } from '../domain/limits.ts';
import { defaultPlanLimits, windowLimits } from '../domain/partitions.ts';
import { parseWorkerQueues } from '../domain/worker-kind.ts';
import { isOrigin, parseStorageLocation } from '../storage/storage-location.ts';
import { environment, type Environment } from './environment.ts';

const wholeNumber = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
const port = wholeNumber(1, 65_535);
const bytes = z.coerce.number().int().min(1);
/** As browsers write it: a scheme, a host, and a port when it is not the usual one. */
const origin = z
  .string()
  .refine((text) => URL.parse(text)?.origin === text, 'must be origins as https://app.example.com, without a path');
const hours = z.coerce.number().min(0.01);
const networks = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .pipe(
    z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], 'must be like 10.1.0.0/16, 192.168.7.9 or fd00::/8')),
  );

/** Text that `parse` takes; what it throws is the complaint. */
function acceptedBy(parse: (text: string) => unknown) {
  return z.string().superRefine((text, context) => {
    try {
      parse(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: toError(error).message });
    }
  });
}

/** Every setting, by its environment variable. The descriptions are the table of docs/configuration.md, and that of the README for the usual ones. */
export const settings = {
  LONGHAUL_HOST: z.string().default('127.0.0.1').describe('Address that the API and the metrics of a worker listen on'),
  LONGHAUL_PORT: port.default(4000).describe('Port of the API'),
  LONGHAUL_METRICS_PORT: port
    .optional()
    .describe('Port at which a worker serves `/metrics` and `/healthz`; the API has them at its own (default: none)'),
  LONGHAUL_PUBLIC_URL: z
    .url()
    .optional()
    .describe(
      'URL under which clients reach the API; goes into upload and download links (default: from host and port)',
    ),
  LONGHAUL_ALLOWED_ORIGINS: z
    .string()
    .transform((list) => list.split(',').map((each) => each.trim()))
    .pipe(z.array(origin))
    .optional()
    .describe(
      'Origins whose pages may use the API from a browser, with commas between: https://app.example.com (default: none but its own)',
    ),
  LONGHAUL_DATABASE_URL: z
    .string()
    .startsWith('postgres')
    .optional()
    .describe('Postgres, as postgres://user:password@host:port/database'),
  LONGHAUL_DATABASE_CONNECTIONS: wholeNumber(2, 500).default(20).describe('Most Postgres connections of one process'),
  LONGHAUL_TEMPORAL_ADDRESS: z.string().default('127.0.0.1:7233').describe('Temporal frontend, as host:port'),
  LONGHAUL_TEMPORAL_NAMESPACE: z.string().default('default').describe('Temporal namespace'),
  LONGHAUL_TASK_QUEUE: z.string().default('longhaul').describe('Temporal task queue of the workers'),
  LONGHAUL_WORKER_CONCURRENCY: wholeNumber(1, 200).default(8).describe('Chunks that one worker runs at a time'),
  LONGHAUL_WORKER_QUEUES: acceptedBy((text) => parseWorkerQueues(text, {}))
    .optional()
    .describe(
      'What one worker runs, and how much of each at a time: `default,encode=2,encode-4k` ([operations](docs/operations.md#kinds-of-workers)) (default: all, an encoding for every two cores)',
    ),
  LONGHAUL_JOB_WINDOW: wholeNumber(windowLimits.min, windowLimits.max)
    .default(defaultPlanLimits.window)
    .describe('Chunks of one job that run at a time, on all workers together'),
  LONGHAUL_LIMITS: acceptedBy(parseLimits)
    .default(`runningJobsPerUser=${defaultLimits.runningJobsPerUser}`)
    .describe('What users and projects may do at a time, with commas ([limits](docs/limits.md))'),
  LONGHAUL_DATA_DIR: z
    .string()
    .default('.longhaul')
    .describe('Folder for uploads, exports and the embedded servers; with local storage API and workers share it'),
  LONGHAUL_STORAGE: acceptedBy(parseStorageLocation)
    .default('local')
    .describe(
      'Where files are kept: `local`, or a bucket as `s3://bucket/prefix` or `gs://bucket/prefix` ([storage](docs/storage.md))',
    ),
  LONGHAUL_DESTINATIONS_DIR: z
    .string()
    .optional()
    .describe('Folder below which projects may have destinations on this machine (default: none)'),
  LONGHAUL_GCS_ENDPOINT: z
    .string()
    .refine(isOrigin, 'must be like https://storage.example.com')
    .optional()
    .describe("Where destinations at Google Cloud Storage are reached (default: Google's own address)"),
  LONGHAUL_SECRET: z
    .string()
    .min(32)
    .optional()
    .describe(
      'Signs links and follow tokens and encrypts the URLs of sources, keys of destinations and tokens of Google, at least 32 characters',
    ),
  LONGHAUL_JWT_ISSUER: z.string().optional().describe("Claim `iss` of users' tokens ([access](docs/access.md))"),
  LONGHAUL_JWT_AUDIENCE: z.string().optional().describe("Claim `aud` of users' tokens: what they are for"),
  LONGHAUL_JWT_JWKS_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("Where the public keys of users' tokens are published"),
  LONGHAUL_JWT_SECRET: z
    .string()
    .min(32)
    .optional()
    .describe("Secret that users' tokens are signed with, at least 32 characters, instead of public keys"),
  LONGHAUL_JWT_ALGORITHMS: z
    .string()
    .optional()
    .describe("Algorithms of users' tokens, with commas (default: `RS256,ES256`, or `HS256` with a secret)"),
  LONGHAUL_MAX_UPLOAD_BYTES: bytes.default(5 * 2 ** 30).describe('Largest upload or fetched file, in bytes'),
  LONGHAUL_UPLOAD_TTL_HOURS: hours.default(24).describe('How long an upload link works'),
  LONGHAUL_FETCH_ALLOWED_NETWORKS: networks
    .optional()
    .describe(
      'Addresses and CIDR blocks that sources may be fetched from though they are not public, with commas between them (default: none)',
    ),
  LONGHAUL_FETCH_TIMEOUT_MINUTES: z.coerce
    .number()
    .min(0.1)
    .default(120)
    .describe('How long fetching the file of a URL may take'),
  LONGHAUL_EXPORT_TTL_HOURS: hours
    .default(24)
    .describe('How long an export, and the link to a file of an item, can be downloaded'),
  LONGHAUL_JOB_TTL_HOURS: hours
    .optional()
    .describe('How long a job is kept after its end (default: until it is deleted)'),
  LONGHAUL_ITEM_TTL_HOURS: hours
    .optional()
    .describe("How long a job's items and results are kept after its end (default: as long as the job)"),
  LONGHAUL_MAX_EXPORT_BYTES: bytes
    .default(500 * 2 ** 20)
    .describe('Largest file of an export, in bytes; what is larger fails and says so'),
  LONGHAUL_GOOGLE_SERVICE_ACCOUNT: z
    .string()
    .optional()
    .describe('Key of the service account that Google Sheets are shared with: its JSON, or the path of its file'),
  LONGHAUL_GOOGLE_API_KEY: z.string().optional().describe('API key by which public Google Sheets are read'),
  LONGHAUL_GOOGLE_CLIENT_ID: z
    .string()
    .optional()
    .describe(
      'OAuth client under which users connect their Google accounts ([sources](docs/sources.md#google-sheets))',
    ),
  LONGHAUL_GOOGLE_CLIENT_SECRET: z.string().optional().describe('Its secret'),
  GOOGLE_SHEETS_ROOT_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("Where Google's Sheets API is, if elsewhere; tokens are then asked for at its path `/token`"),
  LONGHAUL_SPEECH: z
    .enum(['local', 'openai', 'google'])
    .default('local')
    .describe(
      'Who speaks in videos: programs on this machine, or a service that gets the scripts ([videos](docs/videos.md))',
    ),
  LONGHAUL_SPEECH_MODEL: z.string().default('gpt-4o-mini-tts').describe('Model of `openai`'),
  OPENAI_API_KEY: z.string().optional().describe('Key of OpenAI, or of a service that speaks its protocol'),
  OPENAI_BASE_URL: z.url().optional().describe("Where that service is (default: OpenAI's own address)"),
  LONGHAUL_LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('Least severe level that is logged'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url()
    .optional()
    .describe(
      'Collector that gets traces by OTLP/HTTP; the other variables of OpenTelemetry hold too (default: no traces)',
    ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z.url().optional().describe('The same, for traces alone'),
  OTEL_TRACES_EXPORTER: z.enum(['otlp', 'none']).default('otlp').describe('`none`: no traces'),
  OTEL_SDK_DISABLED: z.enum(['true', 'false']).default('false').describe('`true`: no traces'),
  LONGHAUL_CACHE_DIR: z
    .string()
    .optional()
    .describe('Folder for programs that Longhaul fetches (default: ~/.cache/longhaul)'),
  TEMPORAL_CLI: z.string().optional().describe("Path of Temporal's CLI (default: looked for, else fetched)"),
  TEMPORAL_TEST_SERVER: z
    .string()
    .optional()
    .describe("Path of Temporal's test server (default: looked for, else fetched)"),
  FFMPEG: z.string().optional().describe('Path of ffmpeg, which makes videos (default: looked for, else fetched)'),
  FFPROBE: z.string().optional().describe('Path of ffprobe, which reads them (default: looked for, else fetched)'),
  ESPEAK_NG: z
    .string()
    .optional()
    .describe('Path of espeak-ng, which speaks other languages than English (default: looked for)'),
} as const;

/** The settings as given, checked; absent is what is not set and has no default. */
export type Settings = ReturnType<typeof readSettings>;

/** What is set, checked; only what has no default may be missing. @throws InvalidInputError that names every variable that is wrong. */
export function readSettings(given: Environment = environment) {
  // A variable that is empty is not set.
  const named = Object.fromEntries(Object.keys(settings).map((name) => [name, given[name] || undefined]));
  const parsed = z.object(settings).safeParse(named);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => ({
    path: issue.path.map(String),
    message: issue.message,
    row: null,
    field: String(issue.path[0]),
  }));
  const list = issues.map((issue) => `  ${issue.field}: ${issue.message}`).join('\n');
  throw new InvalidInputError(`These environment variables cannot be used:\n${list}`, issues);
}
