// node bench/render.ts [--sentences 4] [--resolution P720] [--rounds 3]
// Makes a video, then lets ffmpeg alone encode the same frames and the same sound, round by round: frames as it is sent them, so
// that it has nothing to convert. Prints a table, and everything as one line of JSON. The ratio is ffmpeg's by ours: 1 means that
// drawing costs nothing. That of processor time (Linux only) is the same whatever else runs on the machine.
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findMediaPrograms } from '../src/embedded/media-programs.ts';
import { createPainter } from '../src/job-types/video/draw/painter.ts';
import { framesPerSecond, toEncodeArguments } from '../src/job-types/video/render/encode-arguments.ts';
import { frameSize, resolutions } from '../src/job-types/video/render/output-format.ts';
import { pipeFrames } from '../src/job-types/video/render/pipe-frames.ts';
import { renderVideo } from '../src/job-types/video/render/render-video.ts';
import { planTimeline } from '../src/job-types/video/script/plan-timeline.ts';
import { runFfmpeg } from '../src/providers/ffmpeg/run-ffmpeg.ts';
import { templateSettings, videoStyles } from '../src/templates/template-settings.ts';
import { median, round, timed } from './figures.ts';
import { processorMs } from './processor-time.ts';
import { speakClip } from './spoken-clip.ts';

const { values } = parseArgs({
  options: {
    sentences: { type: 'string', default: '4' },
    resolution: { type: 'string', default: 'P720' },
    rounds: { type: 'string', default: '3' },
  },
});
const resolution = resolutions.find((name) => name === values.resolution);
if (resolution === undefined) throw new Error(`--resolution is one of ${resolutions.join(', ')}.`);

const { signal } = new AbortController();
const tools = await findMediaPrograms({ info: console.error, warn: console.error });
const workDir = await mkdtemp(join(tmpdir(), 'longhaul-render-'));
const size = frameSize(resolution, 'LANDSCAPE');
const format = { container: 'MP4', videoCodec: 'H264', audioCodec: 'AAC' } as const;
const framesPath = join(workDir, 'frames.yuv');

try {
  const clip = await speakClip(tools, workDir, Number(values.sentences));
  const { title, scenes, spoken, speechPath } = clip;
  const timeline = planTimeline(scenes, spoken, 600_000);
  const results = [];
  for (const style of videoStyles) {
    const look = { ...templateSettings.parse({ style }), logo: null, music: null };
    const frames = Math.round((timeline.durationMs * framesPerSecond) / 1_000);
    await writeFrames(await createPainter({ title, timeline, look, size }), frames);
    const rounds = [];
    for (let index = 0; index < Number(values.rounds); index += 1) {
      const ours = await measure(() => renderVideo({ ...clip, look, format, size, thumbnail: 'JPEG' }));
      const alone = await measure(() => encodeAlone(title, speechPath));
      rounds.push({ ours, ratio: { wallMs: alone.wallMs / ours.wallMs, cpuMs: alone.cpuMs / ours.cpuMs } });
    }
    results.push({
      style,
      videoSeconds: round(timeline.durationMs / 1_000),
      seconds: round(median(rounds.map(({ ours }) => ours.wallMs)) / 1_000),
      processorSeconds: round(median(rounds.map(({ ours }) => ours.cpuMs)) / 1_000),
      ratioToFfmpegAlone: round(median(rounds.map(({ ratio }) => ratio.wallMs))),
      ratioOfProcessorTime: round(median(rounds.map(({ ratio }) => ratio.cpuMs))),
    });
  }
  console.table(results);
  console.log(JSON.stringify({ resolution, results }));
} finally {
  await rm(workDir, { recursive: true, force: true });
}

async function writeFrames(painter: Awaited<ReturnType<typeof createPainter>>, frames: number): Promise<void> {
  const out = createWriteStream(framesPath);
  await pipeFrames({ painter, size, frames, framesPerSecond, out, signal, onFrame: () => undefined });
  await once(out, 'close');
}

async function encodeAlone(title: string, speechPath: string): Promise<void> {
  const outPath = join(workDir, 'alone.mp4');
  const args = toEncodeArguments({ format, size, title, soundPath: speechPath, gainDb: 0, outPath });
  await runFfmpeg(
    tools,
    args.map((argument) => (argument === 'pipe:0' ? framesPath : argument)),
    signal,
  );
}

async function measure(run: () => Promise<unknown>): Promise<{ wallMs: number; cpuMs: number }> {
  const before = await processorMs(process.pid);
  const wallMs = await timed(run);
  return { wallMs, cpuMs: (await processorMs(process.pid)) - before };
}
