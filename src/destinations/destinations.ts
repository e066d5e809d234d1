import type { Config } from '../config.ts';
import type { Database } from '../database/database.ts';
import { DestinationEntity, type Destination } from '../database/entities/destination.ts';
import { newId } from '../database/new-id.ts';
import { orTaken } from '../database/or-taken.ts';
import { findJobsOfDestination } from '../database/sql/find-jobs-of-destination.ts';
import { ConflictError, LimitExceededError, NotFoundError } from '../domain/errors.ts';
import type { Viewer } from '../jobs/commands.ts';
import { toPage, type Page, type PageRequest } from '../jobs/reads/page.ts';
import { seal, unseal } from '../secrets/seal.ts';
import type { Storage } from '../storage/storage.ts';
import { findDestinationId, namesOfDestination } from './destination-id.ts';
import {
  checkDestinationRequest,
  type CheckedRequest,
  type DestinationCredentials,
  type DestinationRequest,
} from './destination-request.ts';
import { openDestinationStorage, type OpenConfig } from './open-destination.ts';
import { probeStorage } from './probe-storage.ts';

/** Buckets and folders of projects, to which jobs deliver files. Credentials go in and never come out. */
export interface Destinations extends DestinationAccess {
  /**
   * Connects a place once a probe was written there, read and deleted. With `replaces` that destination gets the new place and
   * credentials, and jobs that use it go on with them.
   * @throws InvalidInputError, ConflictError, NotFoundError, LimitExceededError, StorageRefusedError
   */
  connectDestination(viewer: Viewer, request: DestinationRequest, replaces: string | null): Promise<Destination>;
  /** Forgets the place and its credentials; the files there stay. @throws NotFoundError, ConflictError while unfinished jobs deliver there */
  disconnectDestination(viewer: Viewer, id: string): Promise<void>;
  findDestination(viewer: Viewer, id: string): Promise<Destination | null>;
  /** Newest first; the cursor is the last id. */
  listDestinations(viewer: Viewer, request: PageRequest<string>): Promise<Page<Destination>>;
}

/** What jobs need of destinations. Ids are those that are stored, or those that clients see. */
export interface DestinationAccess {
  /** Everything that this storage cannot do is a StorageRefusedError. @throws NotFoundError */
  openDestination(projectId: string, id: string): Promise<Storage>;
  /** Writes, reads and deletes a probe. @throws NotFoundError, StorageRefusedError */
  checkDestination(projectId: string, id: string): Promise<void>;
}

export interface DestinationsDeps {
  database: Database;
  config: OpenConfig & Pick<Config, 'secret'>;
  /** For writing, reading and deleting a probe together. */
  probeTimeoutMs?: number;
}

const maxDestinations = 100;
const maxJobsNamed = 5;
/** Open ones keep connections to their stores. */
const maxOpen = 100;
const defaultProbeTimeoutMs = 20_000;

export function createDestinations({
  database,
  config,
  probeTimeoutMs = defaultProbeTimeoutMs,
}: DestinationsDeps): Destinations {
  const open = new Map<string, { updatedAt: number; storage: Storage }>();

  async function getDestination(projectId: string, idGiven: string): Promise<Destination> {
    const id = findDestinationId(idGiven);
    const found = id && (await database.em().findOne(DestinationEntity, { id, projectId }));
    if (found) return found;
    throw new NotFoundError(
      `There is no destination ${JSON.stringify(idGiven.slice(0, 100))}: it may have been disconnected.`,
    );
  }

  async function openDestination(projectId: string, id: string): Promise<Storage> {
    const found = await getDestination(projectId, id);
    const updatedAt = found.updatedAt.getTime();
    const known = open.get(found.id);
    if (known?.updatedAt === updatedAt) return known.storage;
    const request = { settings: found, credentials: unsealCredentials(config.secret, found) };
    const storage = await openDestinationStorage(request, projectId, config);
    if (open.size >= maxOpen) open.clear();
    open.set(found.id, { updatedAt, storage });
    return storage;
  }

  async function assertNameFree(projectId: string, name: string, id: string | null): Promise<void> {
    const known = await database.em().findOne(DestinationEntity, { projectId, name });
    if (known && known.id !== id) throw new ConflictError(nameTaken(name));
  }

  return {
    openDestination,

    async checkDestination(projectId, id) {
      const { name } = await getDestination(projectId, id);
      await probeStorage(await openDestination(projectId, id), { name, timeoutMs: probeTimeoutMs });
    },

    async connectDestination({ projectId }, request, replaces) {
      const checked = checkDestinationRequest(request);
      const older = replaces === null ? null : await getDestination(projectId, replaces);
      await assertNameFree(projectId, checked.settings.name, older?.id ?? null);
      if (!older && (await database.em().count(DestinationEntity, { projectId })) >= maxDestinations) {
        const limit = { limit: maxDestinations };
        throw new LimitExceededError(`A project has at most ${maxDestinations} destinations: disconnect one.`, limit);
      }
      const { name } = checked.settings;
      const storage = await openDestinationStorage(checked, projectId, config);
      await probeStorage(storage, { name, timeoutMs: probeTimeoutMs });
      const id = older?.id ?? newId();
      const now = new Date();
      const values = {
        ...checked.settings,
        sealedCredentials: sealCredentials(config.secret, id, checked),
        updatedAt: now,
      };
      await orTaken(nameTaken(name), async () => {
        if (older) await database.em().nativeUpdate(DestinationEntity, { id, projectId }, values);
        else await database.em().insert(DestinationEntity, { id, projectId, createdAt: now, ...values });
      });
      return await getDestination(projectId, id);
    },

    async disconnectDestination({ projectId }, idGiven) {
      const { id, name } = await getDestination(projectId, idGiven);
      const using = { projectId, ids: namesOfDestination(id), limit: maxJobsNamed };
      const jobs = await findJobsOfDestination(database.pool, using);
      if (jobs.length > 0) {
        const named = jobs.map((job) => `${job.id} (${job.title})`).join(', ');
        throw new ConflictError(
          `Destination ${JSON.stringify(name)} is used by jobs that have not ended: ${named}${jobs.length === maxJobsNamed ? ' …' : ''}. Cancel them or wait for their end; for new credentials connect it again with \`replaces\`.`,
        );
      }
      await database.em().nativeDelete(DestinationEntity, { id, projectId });
      open.delete(id);
    },

    async findDestination({ projectId }, idGiven) {
      const id = findDestinationId(idGiven);
      return id === null ? null : await database.em().findOne(DestinationEntity, { id, projectId });
    },

    async listDestinations({ projectId }, request) {
      const where = { projectId, ...(request.after === null ? {} : { id: { $lt: request.after } }) };
      const options = { orderBy: { id: 'desc' }, limit: request.limit + 1 } as const;
      return toPage(await database.em().find(DestinationEntity, where, options), request);
    },
  };
}

function nameTaken(name: string): string {
  return `There is a destination ${JSON.stringify(name)} already. Give another name, or its id as \`replaces\` to give it a new place and new credentials.`;
}

const purpose = 'destination';

function sealCredentials(secret: string, owner: string, { credentials }: CheckedRequest): string | null {
  return credentials && seal(secret, { purpose, owner }, JSON.stringify(credentials));
}

function unsealCredentials(
  secret: string,
  { id: owner, sealedCredentials }: Destination,
): DestinationCredentials | null {
  if (!sealedCredentials) return null;
  // What `sealCredentials` wrote, which nobody could have changed since.
  return JSON.parse(unseal(secret, { purpose, owner }, sealedCredentials)) as DestinationCredentials;
}
