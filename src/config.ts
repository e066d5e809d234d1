import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { z } from 'zod';
import { InvalidInputError } from './domain/errors.ts';

const port = z.coerce.number().int().min(0).max(65_535);
const bytes = z.coerce.number().int().min(1);
/** As browsers write it: a scheme, a host, and a port when it is not the usual one. */
const origin = z
  .string()
  .refine((text) => URL.parse(text)?.origin === text, 'must be origins as https://app.example.com, without a path');
const hours = z.coerce.number().min(0.01);

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
  LONGHAUL_DATA_DIR: z
    .string()
    .default('.longhaul')
    .describe('Folder for uploads, exports and the embedded servers; API and workers share it'),
  LONGHAUL_SECRET: z.string().min(32).optional().describe('Signs upload and download links, at least 32 characters'),
  LONGHAUL_MAX_UPLOAD_BYTES: bytes.default(5 * 2 ** 30).describe('Largest upload, in bytes'),
  LONGHAUL_UPLOAD_TTL_HOURS: hours.default(24).describe('How long an upload link works'),
  LONGHAUL_EXPORT_TTL_HOURS: hours.default(24).describe('How long an export can be downloaded'),
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
  workerConcurrency: number;
  /** Absolute. */
  dataDir: string;
  secret: string;
  maxUploadBytes: number;
  uploadTtlMs: number;
  exportTtlMs: number;
  logLevel: string;
  /** Whether traces are wanted. Where they go is OpenTelemetry's own configuration. */
  tracing: boolean;
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
    workerConcurrency: values.LONGHAUL_WORKER_CONCURRENCY,
    dataDir: resolve(values.LONGHAUL_DATA_DIR),
    secret,
    maxUploadBytes: values.LONGHAUL_MAX_UPLOAD_BYTES,
    uploadTtlMs: values.LONGHAUL_UPLOAD_TTL_HOURS * 3_600_000,
    exportTtlMs: values.LONGHAUL_EXPORT_TTL_HOURS * 3_600_000,
    logLevel: values.LONGHAUL_LOG_LEVEL,
    tracing: wantsTraces(values),
  };
}

/** Where programs that Longhaul runs are looked for. */
export interface ProgramPlaces {
  /** Absolute. Programs are fetched into it once, for every checkout of this user. */
  cacheDir: string;
  temporalCli: string | undefined;
  temporalTestServer: string | undefined;
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
