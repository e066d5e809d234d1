import type { Database } from '../database/database.ts';
import { TemplateVersionEntity } from '../database/entities/template-version.ts';
import { TemplateEntity } from '../database/entities/template.ts';
import type { HeldTemplate } from '../database/sql/templates/hold-job-template.ts';
import { InvalidInputError, NotFoundError } from '../domain/errors.ts';
import type { JobType } from '../job-types/define-job-type.ts';
import { findTemplateId } from './local-ids.ts';
import type { TemplateFiles } from './template-files.ts';
import { templateOf } from './template-options.ts';
import { templateSettings, type TemplateSettings } from './template-settings.ts';
import { unknownTemplate } from './unknown-template.ts';

export interface FrozenOptions {
  options: Record<string, unknown>;
  /** Null for job types without templates. */
  held: HeldTemplate | null;
}

export interface TemplateFreezer {
  /** A version of a template of the project. @throws NotFoundError */
  getVersion(projectId: string, templateId: string, version: number | null): Promise<NamedVersion>;
  /**
   * Puts what options name by `templateId`, and the files that it needs, into the options themselves: from then on nothing that becomes
   * of the template or its uploads changes the job. @throws NotFoundError, InvalidInputError
   */
  /** The options that `freeze` would answer, without copying files. @throws NotFoundError, InvalidInputError */
  resolve(
    projectId: string,
    jobType: Pick<JobType, 'name' | 'options'>,
    options: Record<string, unknown>,
  ): Promise<Record<string, unknown>>;
  freeze(
    projectId: string,
    jobType: Pick<JobType, 'name' | 'options'>,
    options: Record<string, unknown>,
  ): Promise<FrozenOptions>;
}

export interface NamedVersion {
  templateId: string;
  version: number;
  settings: TemplateSettings;
  fileIds: string[];
}

export function createTemplateFreezer({
  database,
  files,
}: {
  database: Database;
  files: TemplateFiles;
}): TemplateFreezer {
  async function getVersion(projectId: string, given: string, wanted: number | null): Promise<NamedVersion> {
    const em = database.em();
    const id = findTemplateId(given);
    const template = id && (await em.findOne(TemplateEntity, { id, projectId }));
    if (!template) throw unknownTemplate(given);
    const version = wanted ?? template.version;
    const found = await em.findOne(TemplateVersionEntity, { templateId: template.id, version });
    if (!found) {
      throw new NotFoundError(`Template ${template.id} has no version ${version}: its newest is ${template.version}.`);
    }
    const { settings, fileIds } = found;
    return { templateId: template.id, version, settings, fileIds };
  }

  async function resolve(
    projectId: string,
    jobType: FreezableType,
    options: Record<string, unknown>,
  ): Promise<FrozenOptions> {
    if (!('templateId' in jobType.options.shape)) return { options, held: null };
    // Checked by the schema of the job type, which has the fields of templateOptions.
    const { templateId, templateVersion, template } = options as Named;
    if (templateId === undefined) {
      if (templateVersion !== undefined) throw refused(jobType.name, 'templateVersion', 'needs a templateId');
      const settings = template ?? templateSettings.parse({});
      return { options: { ...options, template: settings }, held: { templateId: null, version: null, fileIds: [] } };
    }
    if (template !== undefined) {
      const advice = 'change the template, or send the settings alone';
      throw refused(jobType.name, 'template', `must be left out where templateId names one: ${advice}`);
    }
    const { settings, ...held } = await getVersion(projectId, templateId, templateVersion ?? null);
    const named = { templateId: held.templateId, templateVersion: held.version, template: settings };
    return { options: { ...options, ...named }, held };
  }

  return {
    getVersion,
    resolve: async (...given) => (await resolve(...given)).options,
    freeze: async (projectId, jobType, given) => {
      const { options, held } = await resolve(projectId, jobType, given);
      if (held === null || held.templateId !== null) return { options, held };
      const { settings, fileIds } = await files.keep(projectId, templateOf(options), [
        'spec',
        jobType.name,
        'template',
      ]);
      return { options: { ...options, template: settings }, held: { ...held, fileIds } };
    },
  };
}

type FreezableType = Pick<JobType, 'name' | 'options'>;

interface Named {
  templateId?: string;
  templateVersion?: number;
  template?: TemplateSettings;
}

function refused(type: string, field: string, message: string): InvalidInputError {
  return new InvalidInputError(`${field} ${message}.`, [{ path: ['spec', type, field], message, row: null, field }]);
}
