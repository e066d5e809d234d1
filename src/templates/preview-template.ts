import type { IncomingMessage, ServerResponse } from 'node:http';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { z } from 'zod';
import { answerUnknownLink } from '../answer.ts';
import type { Config } from '../config.ts';
import { newId } from '../database/new-id.ts';
import { InvalidInputError } from '../domain/errors.ts';
import { serveFile } from '../exports/serve-file.ts';
import type { Viewer } from '../jobs/commands.ts';
import { chooseOrientation } from '../job-types/video/choose-orientation.ts';
import { splitScript } from '../job-types/video/script/split-script.ts';
import { createUrlSigner } from '../storage/signed-url.ts';
import type { Storage } from '../storage/storage.ts';
import type { TemplateFreezer } from './freeze-template.ts';
import { previewRequest } from './preview-request.ts';
import { previewPlace } from './preview-key.ts';
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
  /** Serves the signed links at "/previews/<hour>/<id>". Anything wrong with a link, or with what it leads to, is 404. */
  downloadPreview(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void>;
}

export interface PreviewDeps {
  storage: Storage;
  files: TemplateFiles;
  freezer: TemplateFreezer;
  config: Pick<Config, 'secret' | 'publicUrl'>;
}

export function createTemplatePreviews({ storage, files, freezer, config }: PreviewDeps): TemplatePreviews {
  const signer = createUrlSigner(config);

  async function findSettings(projectId: string, request: PreviewRequest): Promise<TemplateSettings> {
    const { templateId, templateVersion, settings } = request;
    if ((templateId === undefined) === (settings === undefined)) {
      throw new InvalidInputError('Give either templateId or settings.', [
        { path: ['templateId'], message: 'must be given, or settings, and not both', row: null, field: 'templateId' },
      ]);
    }
    if (settings) return (await files.keep(projectId, settings)).settings;
    return (await freezer.getVersion(projectId, templateId ?? '', templateVersion ?? null)).settings;
  }

  return {
    previewTemplate: async ({ projectId }, given) => {
      const request = parseRequest(given);
      const { title, script, style, platforms } = request.item;
      const scenes = splitScript(script);
      const { logo, ...settings } = await findSettings(projectId, request);
      const { png, warnings } = await files.withLocal(logo?.uploadId ?? null, (path) =>
        drawInThread({
          kind: 'STILL',
          input: {
            title,
            scenes,
            look: {
              ...settings,
              style: style ?? settings.style,
              logo: logo && path !== null ? { path, position: logo.position } : null,
              music: null,
            },
            resolution: request.resolution,
            orientation: request.orientation ?? chooseOrientation(platforms),
            shows: request.shows,
          },
        }),
      );
      const { key, expiresAt } = previewPlace(newId());
      await storage.put(key, Readable.from([png]), { contentType: 'image/png' });
      return { url: signer.sign({ method: 'GET', path: `/${key}`, expiresAt }), expiresAt, warnings };
    },

    downloadPreview: async (request, response, url) => {
      const key = url.pathname.slice(1);
      const isValid = signer.isValid({ method: request.method ?? 'GET', url });
      const file = isValid ? await storage.head(key) : null;
      if (!file) return answerUnknownLink(response);
      // The id in the key is made once for one picture.
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
  const issues = parsed.error.issues.map(({ path, message }) => {
    const named = path.map(String);
    return { path: named, message, row: null, field: named.join('.') };
  });
  throw new InvalidInputError(
    `The preview cannot be drawn like this: ${issues[0]?.field} ${issues[0]?.message}.`,
    issues,
  );
}
