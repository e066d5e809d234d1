// node bench/render-needs.ts [--sentences 3] [--resolution P720]
// Makes a video of each resolution with each codec, each in a process of its own, and prints what it took of processor, memory and
// disk: where the figures of `renderNeeds` and `estimateItem` come from. Linux only.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { findMediaPrograms } from '../src/embedded/media-programs.ts';
import { findProcesses } from '../src/embedded/processes.ts';
import { frameSize, resolutions, videoCodecs, type OutputFormat } from '../src/job-types/video/render/output-format.ts';
import { renderNeeds } from '../src/job-types/video/render/render-needs.ts';
import { renderVideo } from '../src/job-types/video/render/render-video.ts';
import { templateSettings } from '../src/templates/template-settings.ts';
import { round } from './figures.ts';
import { processorMs } from './processor-time.ts';
import { speakClip } from './spoken-clip.ts';

const { values } = parseArgs({
  options: {
    sentences: { type: 'string', default: '3' },
    resolution: { type: 'string' },
    /** For the processes that this one starts. */
    codec: { type: 'string' },
  },
});
const wanted = resolutions.filter((name) => values.resolution === undefined || name === values.resolution);
if (wanted.length === 0) throw new Error(`--resolution is one of ${resolutions.join(', ')}.`);
const [only] = wanted;
const codec = videoCodecs.find((name) => name === values.codec);

if (codec !== undefined && only !== undefined) {
  console.log(JSON.stringify(await measure(only, codec)));
} else {
  const results = [];
  for (const resolution of wanted) {
    for (const name of videoCodecs) {
      const args = [import.meta.filename, '--sentences', values.sentences, '--resolution', resolution, '--codec', name];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      results.push({ resolution, codec: name, ...(JSON.parse(stdout) as Awaited<ReturnType<typeof measure>>) });
    }
  }
  console.table(results);
  console.log(JSON.stringify({ results }));
}

async function measure(resolution: (typeof resolutions)[number], videoCodec: (typeof videoCodecs)[number]) {
  const tools = await findMediaPrograms({ info: console.error, warn: console.error });
  const workDir = await mkdtemp(join(tmpdir(), 'longhaul-render-'));
  try {
    const format: OutputFormat =
      videoCodec === 'VP9'
        ? { container: 'WEBM', videoCodec, audioCodec: 'OPUS' }
        : { container: 'MP4', videoCodec, audioCodec: 'AAC' };
    const size = frameSize(resolution, 'LANDSCAPE');
    const clip = await speakClip(tools, workDir, Number(values.sentences));
    const look = { ...templateSettings.parse({}), logo: null, music: null };
    const before = { rss: process.memoryUsage.rss(), processorMs: await processorMs(process.pid) };
    const peaks = watchPeaks(workDir);
    const { videoPath, durationMs } = await renderVideo({ ...clip, look, format, size, thumbnail: 'JPEG' });
    const { ffmpegBytes, diskBytes } = await peaks.stop();
    const nodeBytes = process.resourceUsage().maxRSS * 1_024 - before.rss;
    const needs = renderNeeds(size, videoCodec, durationMs);
    const { size: videoBytes } = await stat(videoPath);
    return {
      videoSeconds: round(durationMs / 1_000),
      processorSecondsPerSecond: round(((await processorMs(process.pid)) - before.processorMs) / durationMs),
      ffmpegMB: toMB(ffmpegBytes),
      nodeMB: toMB(nodeBytes),
      saidMB: toMB(needs.memoryBytes),
      diskMB: round(diskBytes / 1e6),
      saidDiskMB: round(needs.diskBytes / 1e6),
      kbitPerSecond: round((videoBytes * 8) / durationMs),
    };
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

function toMB(bytes: number): number {
  return Math.round(bytes / 1e6);
}

/** Asks again and again how large the encoder and the folder are. */
function watchPeaks(folder: string) {
  const peaks = { ffmpegBytes: 0, diskBytes: 0 };
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      for (const pid of await findProcesses({ program: 'ffmpeg', argument: 'pipe:0' })) {
        const [command, status] = await Promise.all(
          ['cmdline', 'status'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')),
        );
        const [, kilobytes = '0'] = /VmHWM:\s+(\d+)/.exec(status ?? '') ?? [];
        if (command?.includes(folder)) peaks.ffmpegBytes = Math.max(peaks.ffmpegBytes, Number(kilobytes) * 1_024);
      }
      peaks.diskBytes = Math.max(peaks.diskBytes, await sizeOf(folder));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  return {
    async stop() {
      isOver = true;
      await watching;
      return peaks;
    },
  };
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  const files = await Promise.all(names.map((name) => stat(join(folder, name)).catch(() => null)));
  return files.reduce((sum, file) => sum + (file?.isFile() ? file.size : 0), 0);
}
