import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { audioCodecs, containers, isPlayable, videoCodecs } from '../../src/job-types/video/render/output-format.ts';
import { renderVideo, type RenderProgress } from '../../src/job-types/video/render/render-video.ts';
import { renderStill } from '../../src/job-types/video/render/render-still.ts';
import { planTimeline } from '../../src/job-types/video/script/plan-timeline.ts';
import { findProcesses } from '../../src/embedded/processes.ts';
import type { MediaTools } from '../../src/providers/ffmpeg/media-tools.ts';
import { measureLevels, parseVtt } from '../support/listen.ts';
import { findTestMedia } from '../support/media-programs.ts';
import { distance, findColor, findPixels, pixelAt, readFrame, readPicture, type Color } from '../support/pixels.ts';
import { makeLook, prepareRender } from '../support/spoken-script.ts';
import { waitFor } from '../support/wait-for.ts';
import { makeWorkFolder } from '../support/work-folder.ts';

const run = promisify(execFile);
const { signal } = new AbortController();
let tools: MediaTools;
beforeAll(async () => {
  tools = await findTestMedia();
});

const ffprobeNames = {
  MP4: 'mov,mp4,m4a,3gp,3g2,mj2',
  MOV: 'mov,mp4,m4a,3gp,3g2,mj2',
  WEBM: 'matroska,webm',
  H264: 'h264',
  H265: 'hevc',
  VP9: 'vp9',
  AAC: 'aac',
  OPUS: 'opus',
};
const formats = containers
  .flatMap((container) =>
    videoCodecs.flatMap((videoCodec) => audioCodecs.map((audioCodec) => ({ container, videoCodec, audioCodec }))),
  )
  .filter(isPlayable);

test.each(formats)(
  'a $container with $videoCodec and $audioCodec is that to ffprobe, and plays to its end',
  async (format) => {
    const workDir = await makeWorkFolder();
    const input = await prepareRender(tools, workDir, 'Yes.');
    const { videoPath, media, durationMs } = await renderVideo({ ...input, format, maxDurationMs: 2_000, signal });
    expect(media).toEqual({
      container: ffprobeNames[format.container],
      videoCodec: ffprobeNames[format.videoCodec],
      audioCodec: ffprobeNames[format.audioCodec],
      width: 320,
      height: 180,
      durationMs,
      bitrate: expect.any(Number),
    });
    const planned = planTimeline(input.scenes, input.spoken, 2_000).durationMs;
    expect(Math.abs(durationMs - planned)).toBeLessThan(120);
    const { stdout } = await run(tools.ffprobe, [
      '-v',
      'error',
      '-count_frames',
      '-select_streams',
      'v',
      '-show_entries',
      'stream=codec_tag_string,pix_fmt,color_space,nb_read_frames',
      '-of',
      'json',
      videoPath,
    ]);
    const [stream] = (JSON.parse(stdout) as { streams: Record<string, string>[] }).streams;
    expect(stream).toMatchObject({
      pix_fmt: 'yuv420p',
      color_space: 'bt709',
      nb_read_frames: `${Math.round((planned * 30) / 1_000)}`,
      ...(format.videoCodec === 'H265' ? { codec_tag_string: 'hvc1' } : {}),
    });
    if (format.container === 'WEBM') return;
    // The index lies before the media, so that a player can begin at once.
    const head = (await readFile(videoPath)).toString('latin1');
    expect(head.indexOf('moov')).toBeLessThan(head.indexOf('mdat'));
  },
);

describe('A video', () => {
  const script = 'First we wait.\n\nThen we speak again, for a while.';

  test('is silent where nobody speaks, and is heard when a caption says so', async () => {
    const workDir = await makeWorkFolder();
    const input = await prepareRender(tools, workDir, script);
    const { videoPath, captions } = await renderVideo({ ...input, signal });
    const cues = parseVtt(await readFile(captions.vttPath, 'utf8'));
    expect(cues.map((cue) => cue.text)).toEqual(['First we wait.', 'Then we speak again, for a while.']);
    const levels = await measureLevels(tools, videoPath, 50);
    for (const { startMs, endMs } of cues) {
      const heard = levels.filter(({ atMs, db }) => atMs >= startMs && atMs < endMs - 50 && db > -45);
      expect(heard.length * 50).toBeGreaterThan((endMs - startMs) * 0.6);
      // What comes before is silence: the sentence begins with its caption, not before and not much later.
      const before = levels.filter(({ atMs }) => atMs >= startMs - 250 && atMs < startMs - 60);
      expect(before.every(({ db }) => db < -45)).toBe(true);
      const firstHeard = levels.find(({ atMs, db }) => atMs >= startMs - 60 && db > -45)?.atMs ?? Infinity;
      expect(firstHeard - startMs).toBeLessThan(300);
    }
    expect(await readFile(captions.srtPath, 'utf8')).toContain('1\n00:00:02,600 --> ');
  });

  test('is as loud as platforms want it, whatever the music is, and does not clip', async () => {
    const workDir = await makeWorkFolder();
    const musicPath = join(workDir, "it's music.wav");
    await run(tools.ffmpeg, ['-v', 'error', '-f', 'lavfi', '-i', 'sine=frequency=300:duration=1.5', musicPath]);
    const input = await prepareRender(tools, workDir, script);
    for (const music of [null, { path: musicPath, volume: 0.3, isDucked: true }]) {
      const { videoPath } = await renderVideo({ ...input, look: makeLook({ music }), signal });
      const { integrated, peak } = await measureLoudness(videoPath);
      expect(Math.abs(integrated + 16)).toBeLessThan(1.5);
      expect(peak).toBeLessThan(-0.5);
    }
  });

  test('repeats its music to the end, and turns it down while somebody speaks', async () => {
    const workDir = await makeWorkFolder();
    const musicPath = join(workDir, "it's music.wav");
    // So low that no voice has it: what is left of it can be told from the speech.
    await run(tools.ffmpeg, ['-v', 'error', '-f', 'lavfi', '-i', 'sine=frequency=50:duration=1.2', musicPath]);
    const input = await prepareRender(
      tools,
      workDir,
      'Now listen to a somewhat longer sentence about nothing.\n\nEnd.',
    );
    const timeline = planTimeline(input.scenes, input.spoken, input.maxDurationMs);
    const [first, second] = timeline.scenes.flatMap((scene) => scene.sentences);
    if (first === undefined || second === undefined) throw new Error('There are two sentences.');
    const levelsOf = async (isDucked: boolean) => {
      const look = makeLook({ music: { path: musicPath, volume: 0.5, isDucked } });
      const { videoPath } = await renderVideo({ ...input, look, signal });
      const levels = await measureLevels(tools, videoPath, 50, 'lowpass=f=60,lowpass=f=60,lowpass=f=60');
      const mean = (fromMs: number, toMs: number) => {
        const inside = levels.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
        return inside.reduce((sum, { db }) => sum + db, 0) / inside.length;
      };
      return { quiet: mean(1_300, first.startMs - 200), spoken: mean(first.startMs + 400, first.endMs - 200) };
    };
    const ducked = await levelsOf(true);
    expect(ducked.quiet - ducked.spoken).toBeGreaterThan(6);
    const level = await levelsOf(false);
    expect(Math.abs(level.quiet - level.spoken)).toBeLessThan(3);
  });

  test('shows title, scenes and words at their time, in the colors of the template', async () => {
    const workDir = await makeWorkFolder();
    const input = await prepareRender(tools, workDir, '# Heading\nFirst we wait.');
    const colors = { background: '#102080', primary: '#40ff40', accent: '#ff4040', text: '#f0f0f0' };
    const size = { width: 640, height: 360 };
    const look = makeLook({ style: 'MINIMAL', colors });
    const { videoPath, thumbnailPath, durationMs } = await renderVideo({
      ...input,
      look,
      size,
      thumbnail: 'PNG',
      signal,
    });
    const title = await readFrame(tools, videoPath, 1_500, size);
    const { scenes } = planTimeline(input.scenes, input.spoken, input.maxDurationMs);
    const saidMs = (scenes[0]?.sentences[0]?.endMs ?? 0) + 100;
    const sentence = await readFrame(tools, videoPath, saidMs, size);
    expect(distance(pixelAt(title, 320, 100), [16, 32, 128])).toBeLessThan(8);
    // The edges of small letters are softer after encoding.
    expect(findColor(title, colors.primary, 70).count).toBeGreaterThan(300);
    expect(findPixels(title, (color) => Math.min(...color) > 150).count).toBeLessThan(10);
    expect(findPixels(sentence, (color) => Math.min(...color) > 150).count).toBeGreaterThan(40);
    const line = (timeMs: number) => Math.round((size.width * timeMs) / durationMs);
    for (const [frame, atMs] of [
      [title, 1_500],
      [sentence, saidMs],
    ] as const) {
      const isFilled = (color: Color) => color[0] > 180 && color[1] < 130;
      expect(isFilled(pixelAt(frame, line(atMs) - 12, 0))).toBe(true);
      expect(isFilled(pixelAt(frame, line(atMs) + 12, 0))).toBe(false);
    }
    const thumbnail = await readPicture(thumbnailPath);
    expect([thumbnail.width, thumbnail.height]).toEqual([640, 360]);
    expect(findColor(thumbnail, colors.primary).count).toBeGreaterThan(300);
  });

  test('speaks faster where it would be too long, to the length that was asked for', async () => {
    const workDir = await makeWorkFolder();
    const input = await prepareRender(tools, workDir, 'One sentence of some length, which takes a while to say.');
    const usual = planTimeline(input.scenes, input.spoken, 60_000).durationMs;
    const maxDurationMs = Math.round(usual * 0.75);
    const { durationMs, warnings, captions } = await renderVideo({ ...input, maxDurationMs, signal });
    expect(Math.abs(durationMs - maxDurationMs)).toBeLessThan(120);
    expect(warnings).toEqual([]);
    const [cue] = parseVtt(await readFile(captions.vttPath, 'utf8'));
    expect(cue?.endMs).toBeLessThan(maxDurationMs);
  });

  test('tells how far it is, scene by scene', async () => {
    const workDir = await makeWorkFolder();
    const input = await prepareRender(tools, workDir, script);
    const seen: RenderProgress[] = [];
    await renderVideo({ ...input, signal, onProgress: (progress) => seen.push(progress) });
    expect(seen.map((each) => each.percent)).toEqual(Array.from({ length: 101 }, (_, percent) => percent));
    expect(seen[0]).toEqual({ percent: 0, scene: 1, scenes: 2 });
    expect(seen.at(-1)).toEqual({ percent: 100, scene: 2, scenes: 2 });
  });
});

describe('What goes wrong', () => {
  test('a canceled video kills ffmpeg within a second and leaves no file', async () => {
    const workDir = await makeWorkFolder();
    const input = await prepareRender(tools, workDir, 'This one is never finished, as somebody cancels it.');
    const before = await readdir(workDir);
    const canceling = new AbortController();
    const reason = new Error('canceled by a person');
    let canceledAt = 0;
    const rendering = renderVideo({
      ...input,
      size: { width: 1_280, height: 720 },
      signal: canceling.signal,
      onProgress: ({ percent }) => {
        if (percent < 20 || canceling.signal.aborted) return;
        canceledAt = performance.now();
        canceling.abort(reason);
      },
    });
    await expect(rendering).rejects.toBe(reason);
    expect(performance.now() - canceledAt).toBeLessThan(1_000);
    expect(await readdir(workDir)).toEqual(before);
    expect(await findEncoders(workDir)).toEqual([]);
  });

  test('an ffmpeg that is killed fails the video, which may be tried again, and leaves no file', async () => {
    const workDir = await makeWorkFolder();
    const input = await prepareRender(tools, workDir, 'This one is never finished, as somebody kills it.');
    const before = await readdir(workDir);
    const rendering = renderVideo({ ...input, size: { width: 1_280, height: 720 }, signal });
    const failure = rendering.catch((error: unknown) => error);
    const killOurs = async () => {
      const [pid] = await findEncoders(workDir);
      return pid !== undefined && process.kill(pid, 'SIGKILL');
    };
    await waitFor(killOurs, { description: 'an ffmpeg that encodes' });
    expect(await failure).toMatchObject({
      code: 'PROVIDER_REJECTED',
      provider: 'ffmpeg',
      retryable: true,
      message: expect.stringContaining('ffmpeg failed (SIGKILL)'),
    });
    expect(await readdir(workDir)).toEqual(before);
  });

  test('music that is no sound is refused, and nothing is left of the video', async () => {
    const workDir = await makeWorkFolder();
    const input = await prepareRender(tools, workDir, 'Yes.');
    const before = await readdir(workDir);
    const look = makeLook({ music: { path: new URL(import.meta.url).pathname, volume: 0.5, isDucked: true } });
    await expect(renderVideo({ ...input, look, signal })).rejects.toThrow(/^ffprobe failed/);
    expect(await readdir(workDir)).toEqual(before);
  });

  test('a format that nobody plays is refused before anything is made', async () => {
    const workDir = await makeWorkFolder();
    const input = await prepareRender(tools, workDir, 'Yes.');
    const format = { container: 'WEBM', videoCodec: 'H264', audioCodec: 'OPUS' } as const;
    await expect(renderVideo({ ...input, format, signal })).rejects.toThrow(
      'WEBM with H264 and OPUS is played nowhere: WEBM takes VP9 with OPUS.',
    );
  });
});

test('a still shows what the video would, without making it', async () => {
  const colors = { background: '#102080', primary: '#40ff40', accent: '#ff4040', text: '#f0f0f0' };
  const stills = ['TITLE', 'SCENE'] as const;
  const [title, scene] = await Promise.all(
    stills.map(async (shows) => {
      const { png, warnings } = await renderStill({
        title: 'Ten million items',
        scenes: [{ heading: 'Heading', sentences: ['Send one job over a million rows.'] }],
        look: makeLook({ style: 'CORPORATE', colors }),
        resolution: 'P720',
        orientation: 'PORTRAIT',
        shows,
      });
      expect(warnings).toEqual([]);
      return readPicture(png);
    }),
  );
  if (title === undefined || scene === undefined) throw new Error('There are two stills.');
  expect([title.width, title.height]).toEqual([720, 1_280]);
  expect(findColor(title, colors.primary).count).toBeGreaterThan(1_000);
  expect(findColor(title, colors.text).count).toBe(0);
  expect(findColor(scene, colors.text).count).toBeGreaterThan(1_000);
});

/** Those that write into this folder. */
async function findEncoders(workDir: string): Promise<number[]> {
  const running = await findProcesses({ program: 'ffmpeg', argument: 'pipe:0' });
  const lines = await Promise.all(running.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return running.filter((_, index) => lines[index]?.includes(workDir));
}

async function measureLoudness(path: string): Promise<{ integrated: number; peak: number }> {
  const { stderr } = await run(tools.ffmpeg, [
    '-hide_banner',
    '-nostats',
    '-i',
    path,
    '-af',
    'ebur128=peak=true:framelog=verbose',
    '-f',
    'null',
    '-',
  ]);
  const integrated = [...stderr.matchAll(/Integrated loudness:\s+I:\s+(-?[\d.]+) LUFS/g)].at(-1)?.[1];
  const peak = [...stderr.matchAll(/True peak:\s+Peak:\s+(-?[\d.]+) dBFS/g)].at(-1)?.[1];
  return { integrated: Number(integrated), peak: Number(peak) };
}
