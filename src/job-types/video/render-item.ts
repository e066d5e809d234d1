import { createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { ItemFile } from '../../domain/item-file.ts';
import type { FileStageContext, ItemOutcome, NewItemFile, StageContext, WorkItem } from '../define-job-type.ts';
import { templateOf } from '../../templates/template-options.ts';
import { chooseOrientation } from './choose-orientation.ts';
import type { Look } from './draw/look.ts';
import type { Item } from './item.ts';
import { toFormat, type Options } from './options.ts';
import type { Output } from './output.ts';
import { extensionOf, frameSize, mediaTypeOf } from './render/output-format.ts';
import { renderVideo, type RenderedVideo } from './render/render-video.ts';
import type { SpokenSentence } from './script/plan-timeline.ts';
import { splitScript } from './script/split-script.ts';

type Context = StageContext<Options> & FileStageContext;

/** What the stage before passed on. */
const spokenData = z.object({
  durationsMs: z.array(z.array(z.number())),
  warnings: z.array(z.string()).default([]),
});

/** Draws and encodes the video of an item, and stores it with its captions and its thumbnail. */
export async function renderItem(item: WorkItem<Item>, context: Context): Promise<ItemOutcome<Output>> {
  const { options, report, signal, providers } = context;
  const folder = await context.workDir();
  const scenes = splitScript(item.input.script);
  const { durationsMs, warnings } = spokenData.parse(item.data);
  const spoken = scenes.map(({ sentences }, scene) =>
    sentences.map((text, at): SpokenSentence => ({ text, durationMs: durationsMs[scene]?.[at] ?? 0 })),
  );
  const orientation = options.orientation ?? chooseOrientation(item.input.platforms);
  const format = toFormat(options);
  const size = frameSize(options.resolution, orientation);
  const rendered = await renderVideo({
    tools: await providers.media(),
    title: item.input.title,
    scenes,
    spoken,
    speechPath: await fetchSpeech(item, context, folder),
    look: await fetchLook(item, context, folder),
    format,
    size,
    thumbnail: options.thumbnail,
    maxDurationMs: item.input.durationSeconds * 1_000,
    workDir: folder,
    signal,
    onProgress: ({ percent, scene, scenes: count }) =>
      report(item, { percent, step: `Scene ${scene} of ${count}: drawing and encoding` }),
  });
  for (const warning of rendered.warnings) report(item, { percent: 100, step: 'Encoded', warning });
  const files = await storeFiles(item, context, rendered);
  await rm(dirname(rendered.videoPath), { recursive: true, force: true });
  const made: Output = {
    durationSeconds: rendered.durationMs / 1_000,
    byteSize: files[0]?.byteSize ?? 0,
    format: options.format,
    videoCodec: format.videoCodec,
    audioCodec: format.audioCodec,
    ...size,
    scenes: scenes.length,
    warnings: [...warnings, ...rendered.warnings],
  };
  // The stage that delivers, where there is one, has the last word.
  return { state: 'SUCCEEDED', files, output: made, data: made };
}

async function storeFiles(
  item: WorkItem<Item>,
  { options, files }: Context,
  { videoPath, captions, thumbnailPath, media }: RenderedVideo,
): Promise<ItemFile[]> {
  const { title } = item.input;
  const kept = (name: string, extension: string, mediaType: string): NewItemFile => ({
    name,
    fileName: `${title}.${extension}`,
    mediaType,
    // What is delivered elsewhere lies here only until then.
    isKept: options.destinationId === undefined,
  });
  const thumbnail =
    options.thumbnail === 'PNG' ? kept('thumbnail', 'png', 'image/png') : kept('thumbnail', 'jpg', 'image/jpeg');
  const video = kept('video', extensionOf(options.format), mediaTypeOf(options.format));
  return [
    await files.put(item, { ...video, media }, videoPath),
    await files.put(item, kept('captions', 'srt', 'application/x-subrip'), captions.srtPath),
    await files.put(item, kept('webCaptions', 'vtt', 'text/vtt'), captions.vttPath),
    await files.put(item, thumbnail, thumbnailPath),
  ];
}

async function fetchSpeech(item: WorkItem<Item>, { files }: Context, folder: string): Promise<string> {
  const speech = item.files.find(({ name }) => name === 'speech');
  if (!speech) throw new Error(`Item ${item.index} came to be rendered without its speech.`);
  return await save(await files.open(speech), join(folder, `speech-${item.index}.wav`));
}

/** The template with its files on this machine, and with what the row wants otherwise. */
async function fetchLook(item: WorkItem<Item>, { options, openUpload }: Context, folder: string): Promise<Look> {
  const template = templateOf(options);
  const { logo, music } = template;
  const fetch = async (uploadId: string) => {
    const path = join(folder, uploadId);
    // Every item of a chunk has the same.
    if (await stat(path).catch(() => null)) return path;
    return await save(await openUpload(uploadId), path);
  };
  return {
    ...template,
    style: item.input.style ?? options.style ?? template.style,
    logo: logo && { path: await fetch(logo.uploadId), position: logo.position },
    music: music && { path: await fetch(music.uploadId), volume: music.volume, isDucked: music.isDucked },
  };
}

async function save(content: Readable, path: string): Promise<string> {
  await pipeline(content, createWriteStream(path));
  return path;
}
