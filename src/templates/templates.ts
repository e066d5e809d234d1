import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import type { Database } from '../database/database.ts';
import { TemplateVersionEntity, type TemplateVersion } from '../database/entities/template-version.ts';
import { TemplateEntity, type Template } from '../database/entities/template.ts';
import { newId } from '../database/new-id.ts';
import { orTaken } from '../database/or-taken.ts';
import { countTemplateJobs } from '../database/sql/templates/count-template-jobs.ts';
import { readCurrentVersions } from '../database/sql/templates/read-current-versions.ts';
import { ConflictError, InvalidInputError, LimitExceededError } from '../domain/errors.ts';
import type { Viewer } from '../jobs/commands.ts';
import { toPage, type Page, type PageRequest } from '../jobs/reads/page.ts';
import { assertFilesHeld } from './hold-template.ts';
import { findTemplateId } from './local-ids.ts';
import type { TemplateFiles } from './template-files.ts';
import { templateSettings, type TemplateSettings } from './template-settings.ts';
import { unknownTemplate } from './unknown-template.ts';

export type { Template, TemplateVersion };

export interface TemplateChange {
  /** Stays when left out. */
  name?: string | null;
  /** Whole, as the client gave them; stay when left out. */
  settings?: unknown;
  /** The version that the client has seen; not looked at when left out. */
  expectedVersion?: number | null;
}

/** How videos look and sound, under names. A version never changes; a job keeps the one that it began with. */
export interface Templates {
  /** @throws InvalidInputError, ConflictError when the name is taken, LimitExceededError */
  createTemplate(viewer: Viewer, request: { name: string; settings: unknown }): Promise<Template>;
  /** Settings make a new version. @throws InvalidInputError, NotFoundError, ConflictError */
  updateTemplate(viewer: Viewer, id: string, change: TemplateChange): Promise<Template>;
  /** Jobs that were submitted with it go on. @throws NotFoundError */
  deleteTemplate(viewer: Viewer, id: string): Promise<void>;
  findTemplate(viewer: Viewer, id: string): Promise<Template | null>;
  /** Newest first; the cursor is the last id. */
  listTemplates(viewer: Viewer, request: PageRequest<string>): Promise<Page<Template>>;
  /** Newest first; the cursor is the last version. */
  listVersions(template: Template, request: PageRequest<number>): Promise<Page<TemplateVersion>>;
  /** Settings of the newest version of each. */
  listCurrentVersions(templateIds: readonly string[]): Promise<Pick<TemplateVersion, 'templateId' | 'settings'>[]>;
  /** Jobs that were submitted with each template, by its id. */
  countJobs(templateIds: readonly string[]): Promise<Map<string, number>>;
}

const maxTemplates = 1_000;

export function createTemplates({ database, files }: { database: Database; files: TemplateFiles }): Templates {
  async function getTemplate(em: EntityManager, projectId: string, given: string, lockMode = LockMode.NONE) {
    const id = findTemplateId(given);
    const found = id && (await em.findOne(TemplateEntity, { id, projectId }, { lockMode }));
    if (found) return found;
    throw unknownTemplate(given);
  }

  return {
    async createTemplate({ projectId, caller }, request) {
      const name = parseName(request.name);
      const given = parseSettings(request.settings);
      if ((await database.em().count(TemplateEntity, { projectId })) >= maxTemplates) {
        const limit = { limit: maxTemplates };
        throw new LimitExceededError(`A project has at most ${maxTemplates} templates: delete one.`, limit);
      }
      const { settings, fileIds } = await files.keep(projectId, given, ['settings']);
      const created = { createdAt: new Date(), createdBy: caller };
      const template = { id: newId(), projectId, name, version: 1, ...created };
      await orTaken(nameTaken(name), () =>
        database.em().transactional(async (em) => {
          await assertFilesHeld(em, projectId, fileIds);
          await em.insert(TemplateEntity, template);
          await em.insert(TemplateVersionEntity, {
            templateId: template.id,
            version: 1,
            settings,
            fileIds,
            ...created,
          });
        }),
      );
      return template;
    },

    async updateTemplate({ projectId, caller }, id, change) {
      const name = change.name === undefined || change.name === null ? null : parseName(change.name);
      const given = change.settings === undefined ? null : parseSettings(change.settings);
      await getTemplate(database.em(), projectId, id);
      const kept = given && (await files.keep(projectId, given, ['settings']));
      return await orTaken(nameTaken(name ?? ''), () =>
        database.em().transactional(async (em) => {
          const template = await getTemplate(em, projectId, id, LockMode.PESSIMISTIC_WRITE);
          assertVersion(template, change.expectedVersion ?? null);
          if (kept) {
            await assertFilesHeld(em, projectId, kept.fileIds);
            template.version += 1;
            const { id: templateId, version } = template;
            await em.insert(TemplateVersionEntity, {
              templateId,
              version,
              ...kept,
              createdAt: new Date(),
              createdBy: caller,
            });
          }
          template.name = name ?? template.name;
          await em.flush();
          return template;
        }),
      );
    },

    async deleteTemplate({ projectId }, given) {
      await database.em().transactional(async (em) => {
        const { id } = await getTemplate(em, projectId, given, LockMode.PESSIMISTIC_WRITE);
        await em.nativeDelete(TemplateVersionEntity, { templateId: id });
        await em.nativeDelete(TemplateEntity, { id });
      });
    },

    async findTemplate({ projectId }, given) {
      const id = findTemplateId(given);
      return id === null ? null : await database.em().findOne(TemplateEntity, { id, projectId });
    },

    async listTemplates({ projectId }, request) {
      const where = { projectId, ...(request.after === null ? {} : { id: { $lt: request.after } }) };
      const options = { orderBy: { id: 'desc' }, limit: request.limit + 1 } as const;
      return toPage(await database.em().find(TemplateEntity, where, options), request);
    },

    async listVersions({ id }, request) {
      const where = { templateId: id, ...(request.after === null ? {} : { version: { $lt: request.after } }) };
      const options = { orderBy: { version: 'desc' }, limit: request.limit + 1 } as const;
      return toPage(await database.em().find(TemplateVersionEntity, where, options), request);
    },

    listCurrentVersions: (templateIds) => readCurrentVersions(database.pool, templateIds),

    countJobs: (templateIds) => countTemplateJobs(database.pool, templateIds),
  };
}

function parseName(given: string): string {
  const name = given.trim();
  if (/^[^\p{C}]{1,200}$/u.test(name)) return name;
  const message = 'must be 1 to 200 characters without control characters';
  throw new InvalidInputError(`name ${message}.`, [{ path: ['name'], message, row: null, field: 'name' }]);
}

/** @throws InvalidInputError */
export function parseSettings(given: unknown): TemplateSettings {
  const parsed = templateSettings.safeParse(given);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => {
    const named = path.map(String);
    return { path: ['settings', ...named], message, row: null, field: named.join('.') };
  });
  throw new InvalidInputError(`The settings are not right: ${issues[0]?.field} ${issues[0]?.message}.`, issues);
}

function assertVersion({ id, version }: Template, expected: number | null): void {
  if (expected === null || expected === version) return;
  throw new ConflictError(
    `Template ${id} is at version ${version}, not ${expected}: somebody changed it. Read it again, and send your change with the version that you saw.`,
  );
}

function nameTaken(name: string): string {
  return `There is a template ${JSON.stringify(name)} already: give another name, or update that one.`;
}
