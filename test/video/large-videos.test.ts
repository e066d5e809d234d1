import { createCanvas, loadImage } from '@napi-rs/canvas';
import { readdir, readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { frameSize, orientations, type OutputFormat } from '../../src/job-types/video/render/output-format.ts';
import { renderStill } from '../../src/job-types/video/render/render-still.ts';
import { renderVideo } from '../../src/job-types/video/render/render-video.ts';
import type { MediaTools } from '../../src/providers/ffmpeg/media-tools.ts';
import { videoStyles } from '../../src/templates/template-settings.ts';
import { findEncoders } from '../support/find-encoders.ts';
import { findTestMedia } from '../support/media-programs.ts';
import { findColor, readFrame, toPicture, type Picture } from '../support/pixels.ts';
import { readVideoStream, usualPicture } from '../support/read-video-stream.ts';
import { makeLook, prepareRender } from '../support/spoken-script.ts';
import { makeWorkFolder } from '../support/work-folder.ts';

const { signal } = new AbortController();
let tools: MediaTools;
beforeAll(async () => {
  tools = await findTestMedia();
});

const h264 = { container: 'MP4', videoCodec: 'H264', audioCodec: 'AAC' } as const;
const h265 = { container: 'MOV', videoCodec: 'H265', audioCodec: 'AAC' } as const;
const vp9 = { container: 'WEBM', videoCodec: 'VP9', audioCodec: 'OPUS' } as const;

test.each<{ resolution: 'P1080' | 'P2160'; orientation: 'LANDSCAPE' | 'PORTRAIT' | 'SQUARE'; format: OutputFormat }>([
  { resolution: 'P1080', orientation: 'LANDSCAPE', format: h264 },
  { resolution: 'P1080', orientation: 'PORTRAIT', format: h265 },
  { resolution: 'P1080', orientation: 'SQUARE', format: vp9 },
  { resolution: 'P2160', orientation: 'LANDSCAPE', format: h264 },
])(
  'a $format.videoCodec in $resolution, $orientation, has its size, its colors and all its frames',
  async ({ resolution, orientation, format }) => {
    const size = frameSize(resolution, orientation);
    const colors = { background: '#102080', primary: '#40ff40', accent: '#ff4040', text: '#f0f0f0' };
    const look = makeLook({ style: 'CORPORATE', colors });
    const input = await prepareRender(tools, await makeWorkFolder(), 'Yes.');
    const { videoPath, durationMs } = await renderVideo({ ...input, look, format, size, maxDurationMs: 2_000, signal });
    const stream = await readVideoStream(tools, videoPath);
    expect(stream).toMatchObject({ ...usualPicture, ...size });
    expect(Math.abs(Number(stream['nb_read_frames']) - (durationMs * 30) / 1_000)).toBeLessThan(4);
    const head = (await readFile(videoPath)).toString('latin1');
    // WebM has no such index.
    expect(format.container === 'WEBM' || head.indexOf('moov') < head.indexOf('mdat')).toBe(true);
    const title = await readFrame(tools, videoPath, 1_000, size);
    const pixels = size.width * size.height;
    expect(findColor(title, colors.primary, 40).count / pixels).toBeGreaterThan(0.005);
    expect(findColor(title, colors.background, 10).count / pixels).toBeGreaterThan(0.4);
  },
  120_000,
);

test.each(videoStyles.flatMap((style) => orientations.map((orientation) => ({ style, orientation }))))(
  'in $style and $orientation all resolutions look alike',
  async ({ style, orientation }) => {
    const still = async (resolution: 'P720' | 'P1080' | 'P2160') => {
      const { png } = await renderStill({
        title: 'Ten million items',
        scenes: [{ heading: 'Heading', sentences: ['Send one job over a million rows.'] }],
        look: makeLook({ style }),
        resolution,
        orientation,
        shows: 'SCENE',
      });
      return await readScaled(png, frameSize('P720', orientation));
    };
    const usual = await still('P720');
    for (const resolution of ['P1080', 'P2160'] as const) {
      // Edges of letters fall on pixels otherwise; a line or a word elsewhere would be many times as much.
      expect(meanDifference(await still(resolution), usual)).toBeLessThan(1.5);
    }
  },
  60_000,
);

test('a video in 4K that is canceled kills ffmpeg and leaves no file', async () => {
  const workDir = await makeWorkFolder();
  const input = await prepareRender(tools, workDir, 'This one is never finished, as somebody cancels it.');
  const before = await readdir(workDir);
  const canceling = new AbortController();
  const reason = new Error('canceled by a person');
  const rendering = renderVideo({
    ...input,
    size: frameSize('P2160', 'LANDSCAPE'),
    signal: canceling.signal,
    onProgress: ({ percent }) => {
      if (percent < 10 || canceling.signal.aborted) return;
      canceling.abort(reason);
    },
  });
  await expect(rendering).rejects.toBe(reason);
  expect(await findEncoders(workDir)).toEqual([]);
  expect(await readdir(workDir)).toEqual(before);
}, 60_000);

async function readScaled(png: Buffer, { width, height }: { width: number; height: number }): Promise<Picture> {
  const canvas = createCanvas(width, height);
  const context = canvas.getContext('2d');
  context.imageSmoothingQuality = 'high';
  context.drawImage(await loadImage(png), 0, 0, width, height);
  return toPicture(canvas);
}

/** Of all channels of all pixels, 0 to 255. */
function meanDifference({ data }: Picture, other: Picture): number {
  let sum = 0;
  for (let index = 0; index < data.length; index += 1) sum += Math.abs((data[index] ?? 0) - (other.data[index] ?? 0));
  return sum / data.length;
}
