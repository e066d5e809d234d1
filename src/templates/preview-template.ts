import type { IncomingMessage, ServerResponse } from 'node:http';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { z } from 'zod';
import { answerUnknownLink } from '../answer.ts';
import type { Config } from '../config.ts';
import type { Database } from '../database/database.ts';
import { TemplateVersionEntity } from '../database/entities/template-version.ts';
import type { Template } from '../database/entities/template.ts';
import { newId } from '../database/new-id.ts';
import { InvalidInputError, type InputIssue } from '../domain/errors.ts';
import { serveFile } from '../exports/serve-file.ts';
import type { Viewer } from '../jobs/commands.ts';
import { chooseOrientation } from '../job-types/video/choose-orientation.ts';
import type { StillInput } from '../job-types/video/render/render-still.ts';
import { splitScript, type Scene } from '../job-types/video/script/split-script.ts';
import { createUrlSigner } from '../storage/signed-url.ts';
import type { Storage } from '../storage/storage.ts';
import type { TemplateFreezer } from './freeze-template.ts';
import { previewRequest } from './preview-request.ts';
import { previewPlace, templatePreviewId, parseTemplatePreview } from './preview-key.ts';
import { drawInThread } from './still-drawing.ts';
import type { TemplateFiles } from './template-files.ts';
import type { TemplateSettings } from './template-settings.ts';

type PreviewRequest = z.output<typeof previewRequest>;

export interface TemplatePreview {
  url: string;
  expiresAt: Date;
  warnings: readonly string[];
}

export interface TemplatePreviews {
  /** Draws one frame as the video of a row would have it. @throws InvalidInputError, NotFoundError, LimitExceededError */
  previewTemplate(viewer: Viewer, request: unknown): Promise<TemplatePreview>;
  /** A link to a picture of the template's newest version, which is drawn when it is asked for first. The same for an hour. */
  linkToPreview(template: Pick<Template, 'id' | 'version'>): string;
  /** Serves the signed links below "/previews/". Anything wrong with a link, or with what it leads to, is 404. */
  downloadPreview(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void>;
}

export interface PreviewDeps {
  database: Database;
  storage: Storage;
  files: TemplateFiles;
  freezer: TemplateFreezer;
  config: Pick<Config, 'secret' | 'publicUrl'>;
}

/** What the picture of a template shows, whatever it is called. */
const sample = {
  title: 'Title of the video',
  scenes: [{ heading: 'A heading', sentences: ['This is how the captions look.'] }],
  resolution: 'P720',
  orientation: 'LANDSCAPE',
  shows: 'SCENE',
} as const satisfies Omit<StillInput, 'look'>;

export function createTemplatePreviews({ database, storage, files, freezer, config }: PreviewDeps): TemplatePreviews {
  const signer = createUrlSigner(config);
  const sign = ({ key, expiresAt }: ReturnType<typeof previewPlace>) =>
    signer.sign({ method: 'GET', path: `/${key}`, expiresAt });

  async function findSettings(projectId: string, request: PreviewRequest): Promise<TemplateSettings> {
    const { templateId, templateVersion, settings } = request;
    if ((templateId === undefined) === (settings === undefined)) {
      throw new InvalidInputError('Give either templateId or settings.', [
        { path: ['templateId'], message: 'must be given, or settings, and not both', row: null, field: 'templateId' },
      ]);
    }
    if (settings) return (await files.keep(projectId, settings, ['settings'])).settings;
    return (await freezer.getVersion(projectId, templateId ?? '', templateVersion ?? null)).settings;
  }

  async function draw({ logo, ...settings }: TemplateSettings, still: Omit<StillInput, 'look'>) {
    return await files.withLocal(logo?.uploadId ?? null, (path) => {
      const local = logo && path !== null ? { path, position: logo.position } : null;
      return drawInThread({ kind: 'STILL', input: { ...still, look: { ...settings, logo: local, music: null } } });
    });
  }

  async function store(key: string, png: Buffer): Promise<{ byteSize: number }> {
    return await storage.put(key, Readable.from([png]), { contentType: 'image/png' });
  }

  /** What lies there, drawn now when it is the picture of a template that nobody has asked for yet. */
  async function findPicture(key: string): Promise<{ byteSize: number } | null> {
    const stored = await storage.head(key);
    const of = stored ? null : parseTemplatePreview(key);
    const found = of && (await database.em().findOne(TemplateVersionEntity, of));
    if (!found) return stored;
    const { png } = await draw(found.settings, sample);
    return await store(key, png);
  }

  return {
    previewTemplate: async ({ projectId }, given) => {
      const request = parseRequest(given);
      const { resolution, orientation, shows } = request;
      const { title, script, style, platforms } = request.item;
      const scenes = readScript(script);
      const settings = await findSettings(projectId, request);
      const { png, warnings } = await draw(
        { ...settings, style: style ?? settings.style },
        {
          title,
          scenes,
          // Sizes are shares of the picture's, so that 4K shows no more than this does, and takes four times as long.
          resolution: resolution === 'P2160' ? 'P1080' : resolution,
          orientation: orientation ?? chooseOrientation(platforms),
          shows,
        },
      );
      const place = previewPlace(newId());
      await store(place.key, png);
      return { url: sign(place), expiresAt: place.expiresAt, warnings };
    },

    linkToPreview: (template) => sign(previewPlace(templatePreviewId(template))),

    downloadPreview: async (request, response, url) => {
      const key = url.pathname.slice(1);
      const isValid = signer.isValid({ method: request.method ?? 'GET', url });
      const file = isValid ? await findPicture(key) : null;
      if (!file) return answerUnknownLink(response);
      // What lies under a key never changes.
      const sha256 = createHash('sha256').update(key).digest('hex');
      await serveFile(request, response, {
        storage,
        key,
        ...file,
        sha256,
        contentType: 'image/png',
        fileName: 'preview.png',
      });
    },
  };
}

/** @throws InvalidInputError */
function parseRequest(given: unknown): PreviewRequest {
  const parsed = previewRequest.safeParse(given);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => toIssue(path.map(String), message));
  throw refused(issues);
}

/** @throws InvalidInputError */
function readScript(script: string): Scene[] {
  try {
    return splitScript(script);
  } catch (thrown) {
    if (!(thrown instanceof InvalidInputError)) throw thrown;
    throw refused([toIssue(['item', 'script'], 'must have at least one sentence that can be spoken')]);
  }
}

function toIssue(path: string[], message: string): InputIssue {
  return { path, message, row: null, field: path.join('.') };
}

function refused(issues: readonly InputIssue[]): InvalidInputError {
  const [first] = issues;
  return new InvalidInputError(`The preview cannot be drawn like this: ${first?.field} ${first?.message}.`, issues);
}
