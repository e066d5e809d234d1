import { createReadStream, createWriteStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Database } from '../database/database.ts';
import { UploadEntity, type Upload } from '../database/entities/upload.ts';
import { insertTemplateFile } from '../database/sql/templates/insert-template-file.ts';
import { markTemplateFileStored } from '../database/sql/templates/mark-template-file-stored.ts';
import { renewTemplateFile } from '../database/sql/templates/renew-template-file.ts';
import { ConflictError, DomainError, InvalidInputError, toError } from '../domain/errors.ts';
import type { WorkRoot } from '../providers/process/work-root.ts';
import { uploadKey } from '../sources/source-file.ts';
import type { Storage } from '../storage/storage.ts';
import { assertLogo } from './check-logo.ts';
import { assertMusic, type SoundCheck } from './check-music.ts';
import { headBytes, tellType } from './tell-type.ts';
import { templateFileKey } from './template-file-key.ts';
import type { TemplateSettings } from './template-settings.ts';
import { findUploadId } from './local-ids.ts';

/** What settings name, held by a template or a job from then on. */
export interface KeptSettings {
  /** They name files by the ids that are stored. */
  settings: TemplateSettings;
  fileIds: string[];
}

export interface TemplateFiles {
  /**
   * Checks the uploads that settings name and copies them to where they do not expire. What nobody holds within an hour is swept.
   * `path` is where the client gave the settings. @throws InvalidInputError that says what is wrong with which file
   */
  keep(projectId: string, settings: TemplateSettings, path: readonly string[]): Promise<KeptSettings>;
  /** Runs `use` with the path of a kept file on this machine; null for none. */
  withLocal<T>(id: string | null, use: (path: string | null) => Promise<T>): Promise<T>;
}

export interface TemplateFilesDeps {
  database: Database;
  storage: Storage;
  media: SoundCheck;
  /** Where copies lie while they are looked at: what a process that died left there is removed. */
  work: Pick<WorkRoot, 'createFolder'>;
}

const uses = {
  logo: { title: 'logo', maxBytes: 10 * 2 ** 20, types: ['image/png', 'image/jpeg', 'image/webp'] },
  music: {
    title: 'music',
    maxBytes: 100 * 2 ** 20,
    types: ['audio/mpeg', 'audio/wav', 'audio/ogg', 'audio/flac', 'audio/mp4', 'audio/aac'],
  },
} as const;
type Use = keyof typeof uses;

/** A file that settings name, which lie at `path`. */
interface Named {
  use: Use;
  path: readonly string[];
}

type Refuse = (message: string) => InvalidInputError;

export function createTemplateFiles({ database, storage, media, work }: TemplateFilesDeps): TemplateFiles {
  const { pool } = database;

  async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
    const folder = await work.createFolder('template');
    try {
      return await use(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async function keepFile(projectId: string, { use, path }: Named, given: string): Promise<string> {
    const { title, maxBytes, types } = uses[use];
    const refused: Refuse = (message) => refuse(use, path, message);
    const id = findUploadId(given);
    if (id === null) throw refused(`must be the id of an upload, not ${JSON.stringify(given.slice(0, 100))}`);
    const known = await renewTemplateFile(pool, { id, projectId });
    if (known) {
      assertType(use, known.mediaType, refused);
      return id;
    }
    const upload = await database.em().findOne(UploadEntity, { id, projectId });
    const byteSize = assertReceived(id, upload, refused);
    if (byteSize > maxBytes) {
      throw refused(`has ${byteSize} bytes: a ${title} file has at most ${maxBytes}. Upload a smaller one`);
    }
    await withFolder(async (folder) => {
      const copy = join(folder, 'file');
      await pipeline(await storage.get(uploadKey(id)), createWriteStream(copy));
      const mediaType = tellType(await readHead(copy));
      assertType(use, mediaType, refused);
      await explaining(refused, () => (use === 'logo' ? assertLogo(copy) : assertMusic(media, copy)));
      await insertTemplateFile(pool, { id, projectId, mediaType: mediaType ?? types[0], byteSize });
      await storage.put(templateFileKey(id), createReadStream(copy), { contentType: mediaType ?? types[0] });
      if (!(await markTemplateFileStored(pool, id))) {
        throw new ConflictError(`The ${title} was cleaned up while it was copied. Send the same again.`);
      }
    });
    return id;
  }

  return {
    keep: async (projectId, settings, path) => {
      const { logo, music } = settings;
      const [logoId, musicId] = [
        logo && (await keepFile(projectId, { use: 'logo', path }, logo.uploadId)),
        music && (await keepFile(projectId, { use: 'music', path }, music.uploadId)),
      ];
      return {
        settings: {
          ...settings,
          logo: logo && logoId ? { ...logo, uploadId: logoId } : null,
          music: music && musicId ? { ...music, uploadId: musicId } : null,
        },
        fileIds: [logoId, musicId].filter((id) => id !== null),
      };
    },

    withLocal: async (id, use) => {
      if (id === null) return await use(null);
      return await withFolder(async (folder) => {
        const path = join(folder, 'file');
        await pipeline(await storage.get(templateFileKey(id)), createWriteStream(path));
        return await use(path);
      });
    },
  };
}

function assertReceived(id: string, upload: Upload | null, refused: Refuse): number {
  if (!upload) throw refused(`names the upload ${id}, which there is not; it may have expired: upload the file again`);
  if (upload.receivedAt === null)
    throw refused(`names the upload ${id}, which has no file yet: PUT it to its uploadUrl first`);
  return upload.byteSize ?? 0;
}

function assertType(use: Use, mediaType: string | null, refused: Refuse): void {
  const types: readonly string[] = uses[use].types;
  if (mediaType !== null && types.includes(mediaType)) return;
  throw refused(`must hold ${types.join(', ')}, not ${mediaType ?? 'a file of another kind'}`);
}

/** What is wrong with a file is wrong with the field that names it. */
async function explaining(refused: Refuse, check: () => Promise<void>): Promise<void> {
  try {
    await check();
  } catch (thrown) {
    const error = toError(thrown);
    if (error instanceof InvalidInputError) throw refused(error.message.replace(/\.$/, ''));
    if (error instanceof DomainError && !error.retryable)
      throw refused('cannot be decoded: it is damaged, or of a kind that is not supported');
    throw error;
  }
}

function refuse(use: Use, path: readonly string[], message: string): InvalidInputError {
  return new InvalidInputError(`${use}.uploadId ${message}.`, [
    { path: [...path, use, 'uploadId'], message, row: null, field: `${use}.uploadId` },
  ]);
}

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
