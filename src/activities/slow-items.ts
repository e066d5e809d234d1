import { rm } from 'node:fs/promises';
import { TemplateFileEntity } from '../database/entities/template-file.ts';
import { UploadEntity } from '../database/entities/upload.ts';
import { NotFoundError, toError } from '../domain/errors.ts';
import type { FileStageContext } from '../job-types/define-job-type.ts';
import type { Providers } from '../providers/providers.ts';
import type { WorkRoot } from '../providers/process/work-root.ts';
import type { Storage } from '../storage/storage.ts';
import { uploadKey } from '../sources/source-file.ts';
import { templateFileKey } from '../templates/template-file-key.ts';
import { createChunkFiles, type ChunkFiles, type ChunkFilesDeps } from './chunk-files.ts';
import { createItemReports } from './item-reports.ts';

/** What an attempt at a chunk has for the items of a job that makes files. */
export interface SlowItems {
  /** For `process`. */
  context: FileStageContext;
  files: ChunkFiles;
  /** Settles when the journal has what was told of the items: of one that has ended it takes nothing any more. */
  told(): Promise<void>;
  /** Removes what the attempt leaves on this machine and in storage. */
  close(): Promise<void>;
}

export interface SlowItemsDeps extends ChunkFilesDeps {
  storage: Storage;
  providers: Providers;
  workRoot: WorkRoot;
  /** Name of the stage. */
  stage: string;
}

/** What one attempt at a chunk has, to be closed with it. */
export function openSlowItems(deps: SlowItemsDeps): SlowItems {
  const { database, storage, log, workRoot, providers, projectId, chunk } = deps;
  const files = createChunkFiles(deps);
  const reports = createItemReports(deps);
  let folder: Promise<string> | null = null;

  async function removeFolder(): Promise<void> {
    try {
      if (folder) await rm(await folder, { recursive: true, force: true });
    } catch (thrown) {
      // The next process to start here sweeps it.
      log.warn({ event: 'work_folder_left', job_id: chunk.jobId, err: toError(thrown) });
    }
  }

  return {
    files,
    told: reports.told,
    context: {
      files: files.files,
      report: reports.report,
      providers,
      workDir: () => (folder ??= workRoot.createFolder('chunk')),
      openUpload: async (id) => {
        const kept = { id, projectId, storedAt: { $ne: null } };
        if (await database.em().findOne(TemplateFileEntity, kept)) return await storage.get(templateFileKey(id));
        const found = await database.em().findOne(UploadEntity, { id, projectId, receivedAt: { $ne: null } });
        if (!found) throw new NotFoundError(`There is no upload ${id}, or its file never came: upload it again.`);
        return await storage.get(uploadKey(id));
      },
    },
    close: async () => {
      await reports.close();
      await files.close();
      await removeFolder();
    },
  };
}

const refuse = () => Promise.reject(new Error('Only a job type that declares `makesFiles` can do this.'));

/** For the stages of other jobs. */
export const quickItems: FileStageContext = {
  files: { put: refuse, open: refuse },
  report: () => undefined,
  providers: { media: refuse, speech: refuse },
  workDir: refuse,
  openUpload: refuse,
};
