import type { Access } from '../src/access/access.ts';
import type { Destinations } from '../src/destinations/destinations.ts';
import type { GoogleAccounts } from '../src/access/google-accounts.ts';
import type { Exports } from '../src/exports/exports.ts';
import type { ItemFileReads } from '../src/item-files/item-files.ts';
import type { JobCommands, Viewer } from '../src/jobs/commands.ts';
import type { JobFeed } from '../src/jobs/feed/job-feed.ts';
import type { Quotas } from '../src/limits/quotas.ts';
import type { PreviewSource } from '../src/jobs/preview-source.ts';
import type { ChunkWork } from '../src/jobs/outside/chunk-work.ts';
import type { ExternalStages } from '../src/jobs/outside/external-stages.ts';
import type { JobReads } from '../src/jobs/reads/job-reads.ts';
import type { RetentionSettings } from '../src/jobs/retention.ts';
import type { TemplatePreviews } from '../src/templates/preview-template.ts';
import type { Templates } from '../src/templates/templates.ts';
import type { Uploads } from '../src/uploads/uploads.ts';

/** The use cases that the schema calls. */
export interface Services {
  access: Access;
  quotas: Quotas;
  jobs: JobCommands;
  outside: ExternalStages & ChunkWork;
  reads: JobReads;
  retention: RetentionSettings;
  googleAccounts: GoogleAccounts;
  previewSource: PreviewSource;
  feed: Pick<JobFeed, 'events' | 'progress' | 'changes' | 'exportProgress'>;
  uploads: Omit<Uploads, 'receive'>;
  exports: Omit<Exports, 'download'>;
  itemFiles: Omit<ItemFileReads, 'download'>;
  templates: Templates & Pick<TemplatePreviews, 'previewTemplate' | 'linkToPreview'>;
  destinations: Omit<Destinations, 'openDestination' | 'checkDestination'>;
}

/** What every resolver gets; one for each request, or for each operation on a socket. */
export interface Context {
  services: Services;
  viewer: Viewer;
  /** Names the request in the log and in masked errors. */
  requestId: string;
}
