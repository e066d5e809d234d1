// node bench/render.ts [--sentences 4] [--resolution P720] [--rounds 3]
// Makes a video, then lets ffmpeg alone encode the same frames and the same sound, round by round.
// Prints a table, and everything as one line of JSON. The ratio is ffmpeg's time by ours: 1 means that drawing costs nothing.
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
import { speakScenes } from '../src/job-types/video/script/speak-scenes.ts';
import { splitScript } from '../src/job-types/video/script/split-script.ts';
import { runFfmpeg } from '../src/providers/ffmpeg/run-ffmpeg.ts';
import { createFliteSpeech } from '../src/providers/speech/flite/flite.ts';
import { templateSettings, videoStyles } from '../src/templates/template-settings.ts';
import { median, round } from './figures.ts';

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
const title = 'Ten million items before breakfast';
const scenes = splitScript(
  Array.from(
    { length: Number(values.sentences) },
    (_, index) => `# Scene ${index + 1}\nSend one job over a million rows, and follow every item.`,
  ).join('\n\n'),
);
const speechPath = join(workDir, 'speech.wav');
const rawPath = join(workDir, 'frames.rgba');

try {
  const voice = { kind: 'MALE', speed: 1, pitch: 0 } as const;
  const spoken = await speakScenes({
    scenes,
    speech: createFliteSpeech(tools),
    voice,
    outPath: speechPath,
    workDir,
    signal,
  });
  const timeline = planTimeline(scenes, spoken, 600_000);
  const results = [];
  for (const style of videoStyles) {
    const look = { ...templateSettings.parse({ style }), logo: null, music: null };
    const frames = Math.round((timeline.durationMs * framesPerSecond) / 1_000);
    await writeFrames(await createPainter({ title, timeline, look, size }), frames);
    const ratios: number[] = [];
    const ours: number[] = [];
    for (let index = 0; index < Number(values.rounds); index += 1) {
      const made = await time(async () => {
        const input = { tools, title, scenes, spoken, speechPath, look, format, size, thumbnail: 'JPEG' } as const;
        await renderVideo({ ...input, maxDurationMs: 600_000, workDir, signal });
      });
      const alone = await time(() => encodeAlone());
      ours.push(made);
      ratios.push(alone / made);
    }
    results.push({
      style,
      videoSeconds: round(timeline.durationMs / 1_000),
      seconds: round(median(ours) / 1_000),
      ratioToFfmpegAlone: round(median(ratios)),
    });
  }
  console.table(results);
  console.log(JSON.stringify({ resolution, results }));
} finally {
  await rm(workDir, { recursive: true, force: true });
}

async function writeFrames(painter: Awaited<ReturnType<typeof createPainter>>, frames: number): Promise<void> {
  const out = createWriteStream(rawPath);
  await pipeFrames({ painter, size, frames, framesPerSecond, out, signal, onFrame: () => undefined });
  await once(out, 'close');
}

async function encodeAlone(): Promise<void> {
  const outPath = join(workDir, 'alone.mp4');
  const args = toEncodeArguments({ format, size, title, soundPath: speechPath, gainDb: 0, outPath });
  await runFfmpeg(
    tools,
    args.map((argument) => (argument === 'pipe:0' ? rawPath : argument)),
    signal,
  );
}

async function time(run: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return performance.now() - startedAt;
}
