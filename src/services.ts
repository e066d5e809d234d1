import { join } from 'node:path';
import { trace } from '@opentelemetry/api';
import pino, { type Logger } from 'pino';
import { createAccess, type Access } from './access/access.ts';
import { createGoogleAccounts, type GoogleAccounts } from './access/google-accounts.ts';
import type { Config } from './config.ts';
import { openDatabase, type Database } from './database/database.ts';
import { createDestinations, type Destinations } from './destinations/destinations.ts';
import { createExports, type Exports } from './exports/exports.ts';
import { createFileStores, type FileStores } from './item-files/file-stores.ts';
import { createItemFiles, type ItemFileReads } from './item-files/item-files.ts';
import { createChunkWork, type ChunkWork } from './jobs/outside/chunk-work.ts';
import { createExternalStages, type ExternalStages } from './jobs/outside/external-stages.ts';
import type { JobCommands } from './jobs/commands.ts';
import { createJobControl } from './jobs/control-job.ts';
import { createDeleteJobs } from './jobs/delete-jobs.ts';
import { createEstimateJob } from './jobs/estimate/estimate-job.ts';
import { createJobFeed, type JobFeed } from './jobs/feed/job-feed.ts';
import { createLine } from './jobs/line.ts';
import { createPeekSource } from './jobs/peek-source.ts';
import { createPreviewSource, type PreviewSource } from './jobs/preview-source.ts';
import { createJobReads, type JobReads } from './jobs/reads/job-reads.ts';
import { createUpdateJobLimits } from './jobs/guard-rails/update-job-limits.ts';
import { createRetentionSettings, type RetentionSettings } from './jobs/retention.ts';
import { createSubmitJob } from './jobs/submit-job.ts';
import { createRateLimiter } from './limits/rate-limiter.ts';
import { createQuotas, type Quotas } from './limits/quotas.ts';
import { createPrometheusMetrics, type PrometheusMetrics } from './metrics/prometheus.ts';
import { createLazyWorkRoot } from './providers/process/work-root.ts';
import type { MediaTools } from './providers/ffmpeg/media-tools.ts';
import { openStorage } from './storage/open-storage.ts';
import { createSheetAccess } from './sources/sheet/sheet-access.ts';
import type { Storage } from './storage/storage.ts';
import { createTemplateFreezer } from './templates/freeze-template.ts';
import { createTemplatePreviews, type TemplatePreviews } from './templates/preview-template.ts';
import { createTemplateFiles } from './templates/template-files.ts';
import { createTemplates, type Templates } from './templates/templates.ts';
import { createTemporalClient, type TemporalClient } from './temporal/client.ts';
import type { Tracing } from './tracing/tracing.ts';
import { createUploads, type Uploads } from './uploads/uploads.ts';

/** Everything that a process of Longhaul is made of, put together in one place. */
export interface Services {
  log: Logger;
  database: Database;
  storage: Storage;
  temporal: TemporalClient;
  access: Access;
  quotas: Quotas;
  jobs: JobCommands;
  /** What is called by those who do a job's work outside. */
  outside: ExternalStages & ChunkWork;
  reads: JobReads;
  retention: RetentionSettings;
  googleAccounts: GoogleAccounts;
  previewSource: PreviewSource;
  feed: JobFeed;
  uploads: Uploads;
  exports: Exports;
  /** Where files of items lie. */
  stores: FileStores;
  itemFiles: ItemFileReads;
  destinations: Destinations;
  templates: Templates & TemplatePreviews;
  metrics: PrometheusMetrics;
  close(): Promise<void>;
}

/** Lets a line of the log be found from its trace. */
function traceFields(): Record<string, string> {
  const active = trace.getActiveSpan()?.spanContext();
  return active ? { trace_id: active.traceId, span_id: active.spanId } : {};
}

/** What a process brings along. */
export interface Surroundings {
  /** Finds what decodes sound on this machine; asked when it is first needed. */
  findMediaTools(log: Logger): Promise<MediaTools>;
  tracing?: Tracing | null;
}

/** Connects lazily: Postgres and Temporal may still be down. */
export async function createServices(
  config: Config,
  { findMediaTools, tracing = null }: Surroundings,
): Promise<Services> {
  const log = pino({
    level: config.logLevel,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    mixin: traceFields,
  });
  const database = await openDatabase(config.databaseUrl, config.databaseConnections);
  const storage = await openStorage(config.storageLocation, config.dataDir);
  const temporal = createTemporalClient({ config, log, plugin: tracing?.temporalPlugin });
  const { workflows } = temporal;
  const quotas = createQuotas({ database, limits: config.limits });
  const sheets = createSheetAccess({ database, config, rateLimiter: createRateLimiter({ database, log }) });
  const peekSource = createPeekSource({ database, storage, sheets, config });
  const feed = createJobFeed({ database, log });
  const destinations = createDestinations({ database, config });
  const work = createLazyWorkRoot(join(config.dataDir, 'work'));
  const stores = createFileStores({ storage, destinations, log });
  const files = createTemplateFiles({ database, storage, media: () => findMediaTools(log), work });
  const freezer = createTemplateFreezer({ database, files });
  const metrics = createPrometheusMetrics({ pool: database.pool, feed });
  return {
    log,
    database,
    storage,
    temporal,
    access: createAccess({ database, config }),
    quotas,
    jobs: {
      ...createSubmitJob({
        database,
        storage,
        destinations,
        workflows,
        quotas,
        templates: freezer,
        estimateJob: createEstimateJob({ database, peekSource, quotas, limits: config.limits }),
        config,
      }),
      ...createJobControl({
        database,
        workflows,
        line: createLine({ database, limits: config.limits }),
        templates: freezer,
      }),
      updateJobLimits: createUpdateJobLimits({ database, workflows }),
      deleteJobs: createDeleteJobs({ database }),
    },
    outside: {
      ...createExternalStages({ database, workflows }),
      ...createChunkWork({ database, workflows, metrics }),
    },
    reads: createJobReads(database, config.limits),
    retention: createRetentionSettings({ database, config }),
    googleAccounts: createGoogleAccounts({ database, config }),
    previewSource: createPreviewSource({ database, peekSource }),
    feed,
    uploads: createUploads({ database, storage, config }),
    exports: createExports({ database, storage, quotas, config, startExport: workflows.startExport }),
    stores,
    itemFiles: createItemFiles({ database, stores, config }),
    destinations,
    templates: {
      ...createTemplates({ database, files }),
      ...createTemplatePreviews({ database, storage, files, freezer, config }),
    },
    metrics,
    close: async () => {
      await work.close();
      await feed.close();
      await temporal.close();
      await database.close();
    },
  };
}
