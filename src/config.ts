import { readFileSync } from 'node:fs';
import { availableParallelism, homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { z } from 'zod';
import { InvalidInputError, toError } from './domain/errors.ts';
import { defaultLimits, parseLimits, type Limits } from './domain/limits.ts';
import { defaultPlanLimits, windowLimits } from './domain/partitions.ts';
import { defaultWorkerQueues, parseWorkerQueues, type WorkerQueues } from './domain/worker-kind.ts';
import { isOrigin, parseStorageLocation, type StorageLocation } from './storage/storage-location.ts';

const port = z.coerce.number().int().min(1).max(65_535);
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

/** Every setting, by its environment variable. The descriptions are the README's table. */
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
  LONGHAUL_DATABASE_CONNECTIONS: z.coerce
    .number()
    .int()
    .min(2)
    .max(500)
    .default(20)
    .describe('Most Postgres connections of one process'),
  LONGHAUL_TEMPORAL_ADDRESS: z.string().default('127.0.0.1:7233').describe('Temporal frontend, as host:port'),
  LONGHAUL_TEMPORAL_NAMESPACE: z.string().default('default').describe('Temporal namespace'),
  LONGHAUL_TASK_QUEUE: z.string().default('longhaul').describe('Temporal task queue of the workers'),
  LONGHAUL_WORKER_CONCURRENCY: z.coerce
    .number()
    .int()
    .min(1)
    .max(200)
    .default(8)
    .describe('Chunks that one worker runs at a time'),
  LONGHAUL_WORKER_QUEUES: z
    .string()
    .optional()
    .superRefine((text, context) => {
      try {
        if (text !== undefined) parseWorkerQueues(text, {});
      } catch (error) {
        context.addIssue({ code: 'custom', message: toError(error).message });
      }
    })
    .describe(
      'What one worker runs, and how much of each at a time: `default,encode=2,encode-4k` ([operations](docs/operations.md#workers)) (default: all, an encoding for every two cores)',
    ),
  LONGHAUL_JOB_WINDOW: z.coerce
    .number()
    .int()
    .min(windowLimits.min)
    .max(windowLimits.max)
    .default(defaultPlanLimits.window)
    .describe('Chunks of one job that run at a time, on all workers together'),
  LONGHAUL_LIMITS: z
    .string()
    .default(`runningJobsPerUser=${defaultLimits.runningJobsPerUser}`)
    .superRefine((text, context) => {
      try {
        parseLimits(text);
      } catch (error) {
        context.addIssue({ code: 'custom', message: toError(error).message });
      }
    })
    .describe('What users and projects may do at a time, with commas ([limits](docs/limits.md))'),
  LONGHAUL_DATA_DIR: z
    .string()
    .default('.longhaul')
    .describe('Folder for uploads, exports and the embedded servers; with local storage API and workers share it'),
  LONGHAUL_STORAGE: z
    .string()
    .default('local')
    .superRefine((text, context) => {
      try {
        parseStorageLocation(text);
      } catch (error) {
        context.addIssue({ code: 'custom', message: toError(error).message });
      }
    })
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
  LONGHAUL_EXPORT_TTL_HOURS: hours.default(24).describe('How long an export can be downloaded'),
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

export interface Config {
  host: string;
  port: number;
  /** Of a worker; null when it serves no metrics. */
  metricsPort: number | null;
  publicUrl: string;
  /** Of pages that may use the API from a browser, besides our own. */
  allowedOrigins: string[];
  databaseUrl: string;
  databaseConnections: number;
  temporal: { address: string; namespace: string; taskQueue: string };
  /** Chunks of each kind that a worker runs at a time. */
  workerQueues: WorkerQueues;
  /** Chunks of one job in flight. */
  jobWindow: number;
  limits: Limits;
  /** Absolute. */
  dataDir: string;
  storageLocation: StorageLocation;
  /** Absolute; null when no project may have a destination on this machine. */
  destinationsDir: string | null;
  /** Null: Google's own. */
  gcsEndpoint: string | null;
  secret: string;
  /** Null when there are no users, only keys. */
  jwt: JwtConfig | null;
  maxUploadBytes: number;
  uploadTtlMs: number;
  fetch: { allowedNetworks: readonly string[]; timeoutMs: number };
  google: GoogleConfig;
  exportTtlMs: number;
  /** After the end of a job; null: until it is deleted. */
  jobTtlMs: number | null;
  itemTtlMs: number | null;
  maxExportBytes: number;
  logLevel: string;
  /** Whether traces are wanted. Where they go is OpenTelemetry's own configuration. */
  tracing: boolean;
}

/** How Google Sheets are reached; null is what the installation does not have. */
export interface GoogleConfig {
  /** Of another server than Google's own. */
  rootUrl: string | null;
  serviceAccount: { email: string; privateKey: string } | null;
  apiKey: string | null;
  oauthClient: { id: string; secret: string } | null;
}

/** Whose tokens name users. The algorithms are all for the kind of key that there is. */
export interface JwtConfig {
  issuer: string;
  audience: string;
  algorithms: readonly string[];
  keys: { kind: 'secret'; secret: string } | { kind: 'published'; url: string };
}

type Environment = Record<string, string | undefined>;

/** What is set, checked; only what has no default may be missing. @throws InvalidInputError that names every variable that is wrong. */
export function readSettings(environment: Environment = process.env) {
  const given = Object.fromEntries(Object.keys(settings).map((name) => [name, environment[name] || undefined]));
  const parsed = z.object(settings).safeParse(given);
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

/** The configuration of a production process. @throws InvalidInputError when a variable is wrong or one that it needs is missing. */
export function readConfig(environment: Environment = process.env): Config {
  const values = readSettings(environment);
  const missing = (['LONGHAUL_DATABASE_URL', 'LONGHAUL_SECRET'] as const).filter((name) => values[name] === undefined);
  const { LONGHAUL_DATABASE_URL: databaseUrl, LONGHAUL_SECRET: secret } = values;
  if (databaseUrl === undefined || secret === undefined) {
    throw new InvalidInputError(
      `Set ${missing.join(' and ')}, or run "longhaul up", which brings its own Postgres and Temporal.`,
      missing.map((name) => ({ path: [name], message: 'is not set', row: null, field: name })),
    );
  }
  return {
    host: values.LONGHAUL_HOST,
    port: values.LONGHAUL_PORT,
    metricsPort: values.LONGHAUL_METRICS_PORT ?? null,
    publicUrl: (
      values.LONGHAUL_PUBLIC_URL ?? `http://${urlHost(values.LONGHAUL_HOST)}:${values.LONGHAUL_PORT}`
    ).replace(/\/$/, ''),
    allowedOrigins: values.LONGHAUL_ALLOWED_ORIGINS ?? [],
    databaseUrl,
    databaseConnections: values.LONGHAUL_DATABASE_CONNECTIONS,
    temporal: {
      address: values.LONGHAUL_TEMPORAL_ADDRESS,
      namespace: values.LONGHAUL_TEMPORAL_NAMESPACE,
      taskQueue: values.LONGHAUL_TASK_QUEUE,
    },
    workerQueues: readWorkerQueues(values),
    limits: parseLimits(values.LONGHAUL_LIMITS),
    jobWindow: values.LONGHAUL_JOB_WINDOW,
    dataDir: resolve(values.LONGHAUL_DATA_DIR),
    storageLocation: parseStorageLocation(values.LONGHAUL_STORAGE),
    destinationsDir: values.LONGHAUL_DESTINATIONS_DIR ? resolve(values.LONGHAUL_DESTINATIONS_DIR) : null,
    gcsEndpoint: values.LONGHAUL_GCS_ENDPOINT ?? null,
    secret,
    jwt: readJwtConfig(values),
    maxUploadBytes: values.LONGHAUL_MAX_UPLOAD_BYTES,
    uploadTtlMs: values.LONGHAUL_UPLOAD_TTL_HOURS * 3_600_000,
    fetch: {
      allowedNetworks: values.LONGHAUL_FETCH_ALLOWED_NETWORKS ?? [],
      timeoutMs: values.LONGHAUL_FETCH_TIMEOUT_MINUTES * 60_000,
    },
    google: readGoogleConfig(values),
    exportTtlMs: values.LONGHAUL_EXPORT_TTL_HOURS * 3_600_000,
    jobTtlMs: toMs(values.LONGHAUL_JOB_TTL_HOURS),
    itemTtlMs: toMs(values.LONGHAUL_ITEM_TTL_HOURS),
    maxExportBytes: values.LONGHAUL_MAX_EXPORT_BYTES,
    logLevel: values.LONGHAUL_LOG_LEVEL,
    tracing: wantsTraces(values),
  };
}

function readWorkerQueues(values: ReturnType<typeof readSettings>): WorkerQueues {
  const usual = defaultWorkerQueues(values.LONGHAUL_WORKER_CONCURRENCY, availableParallelism());
  return values.LONGHAUL_WORKER_QUEUES === undefined ? usual : parseWorkerQueues(values.LONGHAUL_WORKER_QUEUES, usual);
}

function toMs(hoursGiven: number | undefined): number | null {
  return hoursGiven === undefined ? null : hoursGiven * 3_600_000;
}

function readGoogleConfig(values: ReturnType<typeof readSettings>): GoogleConfig {
  const { LONGHAUL_GOOGLE_CLIENT_ID: id, LONGHAUL_GOOGLE_CLIENT_SECRET: clientSecret } = values;
  if ((id === undefined) !== (clientSecret === undefined)) {
    throw new InvalidInputError('Set both LONGHAUL_GOOGLE_CLIENT_ID and LONGHAUL_GOOGLE_CLIENT_SECRET, or neither.');
  }
  const key = values.LONGHAUL_GOOGLE_SERVICE_ACCOUNT;
  return {
    rootUrl: values.GOOGLE_SHEETS_ROOT_URL ?? null,
    serviceAccount: key === undefined ? null : readServiceAccount(key),
    apiKey: values.LONGHAUL_GOOGLE_API_KEY ?? null,
    oauthClient: id === undefined || clientSecret === undefined ? null : { id, secret: clientSecret },
  };
}

const serviceAccountSchema = z.object({ client_email: z.email(), private_key: z.string().startsWith('-----BEGIN') });

/** As Google's console gives it for download. Nothing of it goes into an error. */
function readServiceAccount(key: string): GoogleConfig['serviceAccount'] {
  try {
    const text = key.trimStart().startsWith('{') ? key : readFileSync(key, 'utf8');
    const { client_email: email, private_key: privateKey } = serviceAccountSchema.parse(JSON.parse(text));
    return { email, privateKey };
  } catch {
    throw new InvalidInputError(
      'LONGHAUL_GOOGLE_SERVICE_ACCOUNT must be the JSON key of a service account, with client_email and private_key, or the path of a file that holds it.',
    );
  }
}

const publicKeyAlgorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const secretAlgorithms = ['HS256', 'HS384', 'HS512'];

/** Null when no variable is set. A public key can never be taken for a secret: its algorithms are not allowed beside one. */
function readJwtConfig(values: ReturnType<typeof readSettings>): JwtConfig | null {
  const {
    LONGHAUL_JWT_ISSUER: issuer,
    LONGHAUL_JWT_AUDIENCE: audience,
    LONGHAUL_JWT_SECRET: secret,
    LONGHAUL_JWT_JWKS_URL: url,
    LONGHAUL_JWT_ALGORITHMS: named,
  } = values;
  if ([issuer, audience, secret, url, named].every((value) => value === undefined)) return null;
  if (issuer === undefined || audience === undefined || (secret === undefined) === (url === undefined)) {
    throw new InvalidInputError(
      "For users' tokens set LONGHAUL_JWT_ISSUER, LONGHAUL_JWT_AUDIENCE and either LONGHAUL_JWT_JWKS_URL or LONGHAUL_JWT_SECRET.",
    );
  }
  const possible = secret === undefined ? publicKeyAlgorithms : secretAlgorithms;
  const algorithms =
    named?.split(',').map((name) => name.trim()) ?? (secret === undefined ? ['RS256', 'ES256'] : ['HS256']);
  const wrong = algorithms.filter((name) => !possible.includes(name));
  if (wrong.length > 0) {
    const keys = secret === undefined ? 'public keys' : 'a secret';
    throw new InvalidInputError(
      `LONGHAUL_JWT_ALGORITHMS: ${JSON.stringify(wrong[0])} is none of the algorithms for ${keys}: ${possible.join(', ')}.`,
    );
  }
  return {
    issuer,
    audience,
    algorithms,
    keys: secret !== undefined ? { kind: 'secret', secret } : { kind: 'published', url: url ?? '' },
  };
}

/** Where programs that Longhaul runs are looked for. */
export interface ProgramPlaces {
  /** Absolute. Programs are fetched into it once, for every checkout of this user. */
  cacheDir: string;
  temporalCli: string | undefined;
  temporalTestServer: string | undefined;
  ffmpeg: string | undefined;
  ffprobe: string | undefined;
  espeakNg: string | undefined;
  /** The folders of PATH. */
  searchPath: string[];
}

/** @throws InvalidInputError when a variable is wrong. */
export function readProgramPlaces(environment: Environment = process.env): ProgramPlaces {
  const values = readSettings(environment);
  const caches = environment['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return {
    cacheDir: resolve(values.LONGHAUL_CACHE_DIR ?? join(caches, 'longhaul')),
    temporalCli: values.TEMPORAL_CLI,
    temporalTestServer: values.TEMPORAL_TEST_SERVER,
    ffmpeg: values.FFMPEG,
    ffprobe: values.FFPROBE,
    espeakNg: values.ESPEAK_NG,
    searchPath: (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''),
  };
}

/** The environment of a child process: ours, with some variables set. */
export function environmentWith(variables: Environment): Environment {
  return { ...process.env, ...variables };
}

/** OpenTelemetry's own switches; without an endpoint the SDK's default would be a collector on this machine that nobody runs. */
function wantsTraces(values: ReturnType<typeof readSettings>): boolean {
  if (values.OTEL_SDK_DISABLED === 'true' || values.OTEL_TRACES_EXPORTER === 'none') return false;
  return (values.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? values.OTEL_EXPORTER_OTLP_ENDPOINT) !== undefined;
}

/** Any interface means, for a link, this machine. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::' || host === '127.0.0.1') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
