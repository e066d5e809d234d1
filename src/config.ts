import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { environment, type Environment } from './config/environment.ts';
import { readGoogleConfig, type GoogleConfig } from './config/google-config.ts';
import { readJwtConfig, type JwtConfig } from './config/jwt-config.ts';
import { readSettings, type Settings } from './config/settings.ts';
import { readSpeechConfig } from './config/speech-config.ts';
import { InvalidInputError } from './domain/errors.ts';
import { parseLimits, type Limits } from './domain/limits.ts';
import { defaultWorkerQueues, parseWorkerQueues, type WorkerQueues } from './domain/worker-kind.ts';
import type { SpeechSettings } from './providers/speech/speech-settings.ts';
import { parseStorageLocation, type StorageLocation } from './storage/storage-location.ts';

/** What a process goes by: the settings, checked together and made ready for use. Times are in milliseconds, sizes in bytes. */
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
  speech: SpeechSettings;
  exportTtlMs: number;
  /** After the end of a job; null: until it is deleted. */
  jobTtlMs: number | null;
  itemTtlMs: number | null;
  maxExportBytes: number;
  logLevel: string;
  /** Whether traces are wanted. Where they go is OpenTelemetry's own configuration. */
  tracing: boolean;
}

/** The configuration of a production process. @throws InvalidInputError when a variable is wrong or one that it needs is missing. */
export function readConfig(given: Environment = environment): Config {
  const values = readSettings(given);
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
    speech: readSpeechConfig(values),
    exportTtlMs: values.LONGHAUL_EXPORT_TTL_HOURS * 3_600_000,
    jobTtlMs: toMs(values.LONGHAUL_JOB_TTL_HOURS),
    itemTtlMs: toMs(values.LONGHAUL_ITEM_TTL_HOURS),
    maxExportBytes: values.LONGHAUL_MAX_EXPORT_BYTES,
    logLevel: values.LONGHAUL_LOG_LEVEL,
    tracing: wantsTraces(values),
  };
}

function readWorkerQueues(values: Settings): WorkerQueues {
  const usual = defaultWorkerQueues(values.LONGHAUL_WORKER_CONCURRENCY, availableParallelism());
  return values.LONGHAUL_WORKER_QUEUES === undefined ? usual : parseWorkerQueues(values.LONGHAUL_WORKER_QUEUES, usual);
}

function toMs(hours: number | undefined): number | null {
  return hours === undefined ? null : hours * 3_600_000;
}

/** OpenTelemetry's own switches; without an endpoint the SDK's default would be a collector on this machine that nobody runs. */
function wantsTraces(values: Settings): boolean {
  if (values.OTEL_SDK_DISABLED === 'true' || values.OTEL_TRACES_EXPORTER === 'none') return false;
  return (values.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? values.OTEL_EXPORTER_OTLP_ENDPOINT) !== undefined;
}

/** Any interface means, for a link, this machine. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::' || host === '127.0.0.1') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
