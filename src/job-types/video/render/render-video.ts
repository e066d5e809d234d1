import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidInputError, ProviderError } from '../../../domain/errors.ts';
import type { MediaTools } from '../../../providers/ffmpeg/media-tools.ts';
import { probeMedia, type MediaInfo } from '../../../providers/ffmpeg/probe-media.ts';
import { startFfmpeg } from '../../../providers/ffmpeg/run-ffmpeg.ts';
import { cutCues } from '../captions/cut-cues.ts';
import { toSrt, toVtt } from '../captions/write-captions.ts';
import type { Look } from '../draw/look.ts';
import { createPainter } from '../draw/painter.ts';
import { planTimeline, type SpokenSentence, type Timeline } from '../script/plan-timeline.ts';
import type { Scene } from '../script/split-script.ts';
import { assembleNarration } from './assemble-narration.ts';
import { framesPerSecond, toEncodeArguments } from './encode-arguments.ts';
import { encodePicture, type PictureFormat } from './encode-picture.ts';
import { mixSound } from './mix-sound.ts';
import { explainUnplayable, extensionOf, type FrameSize, type OutputFormat } from './output-format.ts';
import { pipeFrames } from './pipe-frames.ts';
import { renderNeeds } from './render-needs.ts';

export interface RenderProgress {
  percent: number;
  /** The scene that is drawn, from 1; 1 for the title card too. */
  scene: number;
  scenes: number;
}

export interface RenderInput {
  tools: MediaTools;
  title: string;
  scenes: readonly Scene[];
  /** What `speakScenes` answered and wrote. */
  spoken: readonly (readonly SpokenSentence[])[];
  speechPath: string;
  look: Look;
  format: OutputFormat;
  size: FrameSize;
  thumbnail: PictureFormat;
  maxDurationMs: number;
  /** Everything is made in a folder of its own in here. */
  workDir: string;
  signal: AbortSignal;
  /** At most once a percent. */
  onProgress?(progress: RenderProgress): void;
}

export interface RenderedVideo {
  videoPath: string;
  captions: { srtPath: string; vttPath: string };
  thumbnailPath: string;
  /** As ffprobe reads the video. */
  media: MediaInfo;
  durationMs: number;
  warnings: readonly string[];
}

const thumbnailPixels = 1_280;

/**
 * Makes a video with its captions and thumbnail. When it fails or is aborted it leaves no file and no process.
 * @throws InvalidInputError, ProviderError, or the reason of the abort
 */
export async function renderVideo(input: RenderInput): Promise<RenderedVideo> {
  const problem = explainUnplayable(input.format);
  if (problem !== null) throw new InvalidInputError(problem);
  const timeline = planTimeline(input.scenes, input.spoken, input.maxDurationMs);
  await checkDisk(input, timeline);
  const folder = await mkdtemp(join(input.workDir, 'render-'));
  try {
    return await renderInto(folder, input, timeline);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function renderInto(folder: string, input: RenderInput, timeline: Timeline): Promise<RenderedVideo> {
  const { tools, format, look, signal } = input;
  const { durationMs, tempo } = timeline;
  const cues = timeline.scenes.flatMap((scene) => cutCues(scene.sentences));
  const captions = { srtPath: join(folder, 'captions.srt'), vttPath: join(folder, 'captions.vtt') };
  await writeFile(captions.srtPath, toSrt(cues));
  await writeFile(captions.vttPath, toVtt(cues));

  const narrationPath = join(folder, 'narration.wav');
  const soundPath = join(folder, 'sound.wav');
  await assembleNarration(input.speechPath, input.spoken, timeline, narrationPath, signal);
  const mix = { tools, narrationPath, tempo, music: look.music, durationMs, outPath: soundPath, signal };
  const { gainDb } = await mixSound(mix);
  await rm(narrationPath);
  await rm(`${soundPath}.music.txt`, { force: true });

  const videoPath = join(folder, `video.${extensionOf(format.container)}`);
  const thumbnailPath = join(folder, input.thumbnail === 'PNG' ? 'thumbnail.png' : 'thumbnail.jpg');
  const encoding = { format, size: input.size, title: input.title, soundPath, gainDb, outPath: videoPath };
  const warnings = await encode(input, timeline, toEncodeArguments(encoding), thumbnailPath);
  await rm(soundPath);
  const media = await probeMedia(tools, videoPath, signal);
  return {
    videoPath,
    captions,
    thumbnailPath,
    media,
    durationMs: media.durationMs,
    warnings: [...timeline.warnings, ...warnings],
  };
}

/** Answers what was not drawn as it was asked for. */
async function encode(
  { tools, title, look, size, thumbnail, signal, onProgress }: RenderInput,
  timeline: Timeline,
  encodeArguments: readonly string[],
  thumbnailPath: string,
): Promise<readonly string[]> {
  const painter = await createPainter({ title, timeline, look, size });
  const frames = Math.max(1, Math.round((timeline.durationMs * framesPerSecond) / 1_000));
  const toMs = (frame: number) => (frame * 1_000) / framesPerSecond;
  let reported = -1;
  const report = (frame: number) => {
    const percent = Math.floor((frame / frames) * 100);
    if (percent === reported) return;
    reported = percent;
    const index = timeline.scenes.findLastIndex((scene) => scene.startMs <= toMs(frame));
    onProgress?.({ percent, scene: Math.max(0, index) + 1, scenes: timeline.scenes.length });
  };
  const titleCard = painter.picture(timeline.titleEndMs - 1);
  await writeFile(thumbnailPath, await encodePicture(titleCard, thumbnail, thumbnailPixels));

  const { stdin, done } = startFfmpeg(tools, encodeArguments, signal);
  try {
    await pipeFrames({ painter, size, frames, framesPerSecond, out: stdin, signal, onFrame: report });
  } catch (error) {
    // Without more frames it would make a whole video of half a script.
    stdin.destroy();
    await done.catch(() => undefined);
    throw error;
  }
  await done;
  report(frames);
  return painter.warnings;
}

async function checkDisk({ workDir, size, format }: RenderInput, { durationMs }: Timeline): Promise<void> {
  const { diskBytes } = renderNeeds(size, format.videoCodec, durationMs);
  const { bavail, bsize } = await statfs(workDir);
  if (bavail * bsize >= diskBytes) return;
  const megabytes = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)} MB`;
  throw new ProviderError(
    `The disk of ${workDir} has ${megabytes(bavail * bsize)} left, and this video needs ${megabytes(diskBytes)} while it is made: make room, or set LONGHAUL_DATA_DIR to another disk.`,
    { provider: 'disk', retryable: true },
  );
}
