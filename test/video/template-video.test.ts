import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MediaTools } from '../../src/providers/ffmpeg/media-tools.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { measureLevels, parseVtt } from '../support/listen.ts';
import { findTestMedia } from '../support/media-programs.ts';
import { findColor, pixelAt, readFrame, type Found, type Picture } from '../support/pixels.ts';
import { createTemplateClient, makePicture, makeSound } from '../support/template-client.ts';

const size = { width: 720, height: 720 };
const colors = { background: '#102060', primary: '#ffe040', accent: '#ff4040', text: '#f4f4f4' };
const logoColor = '#00ff00';
/** Of the shorter side, in percent and in pixels. */
const safeAreaPercent = 10;
const margin = 72;
/** So low that no voice has it: what is left of it can be told from the speech. */
const hertz = 50;
const onlyMusic = Array.from({ length: 3 }, () => `lowpass=f=${hertz + 10}`).join(',');

let api: TestApi;
let tools: MediaTools;
let folder: string;
let jobId: string;
let videoPath: string;
let cues: { startMs: number; endMs: number; text: string }[];

interface MadeFile {
  name: string;
  url: string;
}

/** A job by a saved template, which is changed and deleted before anything of the job is made. */
beforeAll(async () => {
  tools = await findTestMedia();
  folder = await mkdtemp(join(tmpdir(), 'longhaul-test-'));
  api = await startTestApi();
  const ours = createTemplateClient(api.client);
  const logo = await api.upload('logo.png', makePicture(logoColor, 300, 90));
  const music = await api.upload('music.mp3', await makeSound(hertz, 1.2));
  const { id } = await ours.create({
    style: 'MINIMAL',
    colors,
    logo: { uploadId: logo, position: 'TOP_LEFT' },
    music: { uploadId: music, volume: 0.5, isDucked: true },
    safeAreaPercent,
  });
  const script =
    '# Sleep\nGood sleep needs a quiet and rather cold room.\n\nThen you rest well until the morning comes.';
  const submitted = await ours.submit({ templateId: id, resolution: 'P720', orientation: 'SQUARE' }, script);
  if (!submitted.job) throw new Error(submitted.message);
  jobId = submitted.job.id;
  await ours.mutate('updateTemplate', { templateId: id, settings: { style: 'MODERN', logo: null, music: null } });
  await ours.remove(id);
  await api.engine.startWorker({}, { DEFAULT: 4, ENCODE: 1 });
  await api.follow(jobId);
  const { job } = await api.client.query<{ job: { items: { nodes: { files: MadeFile[] }[] } } }>(
    'query ($id: ID!) { job(id: $id) { items(first: 1) { nodes { files { name url } } } } }',
    { id: jobId },
  );
  const download = async (name: string): Promise<Buffer> => {
    const file = job.items.nodes[0]?.files.find((each) => each.name === name);
    return Buffer.from(await (await api.fetchLink(file?.url ?? '')).arrayBuffer());
  };
  videoPath = join(folder, 'video.mp4');
  await writeFile(videoPath, await download('video'));
  cues = parseVtt((await download('webCaptions')).toString());
}, 170_000);
afterAll(async () => {
  await api.close();
  await rm(folder, { recursive: true, force: true });
});

/** The middle of the first sentence. */
const frameOfSpeech = (): Promise<Picture> =>
  readFrame(tools, videoPath, ((cues[0]?.startMs ?? 0) + (cues[0]?.endMs ?? 0)) / 2, size);

function expectInside({ left, top, right, bottom }: Found): void {
  // What is encoded bleeds by a pixel or two.
  expect(Math.min(left, top)).toBeGreaterThanOrEqual(margin - 2);
  expect(Math.max(right, bottom)).toBeLessThanOrEqual(size.width - margin + 2);
}

describe('a video that a job makes by a saved template', () => {
  test('shows its logo in its corner, in its proportions, on its background', async () => {
    const frame = await frameOfSpeech();
    const logo = findColor(frame, logoColor, 60);
    const [width, height] = [logo.right - logo.left + 1, logo.bottom - logo.top + 1];
    expect(logo.count / (width * height)).toBeGreaterThan(0.9);
    expect(width / height).toBeCloseTo(300 / 90, 0);
    expect(Math.abs(logo.left - margin)).toBeLessThan(3);
    expect(Math.abs(logo.top - margin)).toBeLessThan(3);
    for (const [index, part] of pixelAt(frame, 360, 300).entries()) {
      expect(Math.abs(part - ([0x10, 0x20, 0x60][index] ?? 0))).toBeLessThan(10);
    }
  });

  test('shows title, heading and captions in its colors, within its safe area', async () => {
    const title = findColor(await readFrame(tools, videoPath, 1_500, size), colors.primary, 60);
    const frame = await frameOfSpeech();
    const found = [
      title,
      findColor(frame, colors.primary, 60),
      // Below the logo, and not the line of progress at the upper edge.
      findColor(without(frame, margin), colors.accent, 60),
      findColor(frame, colors.text, 40),
    ];
    for (const each of found) {
      expect(each.count).toBeGreaterThan(50);
      expectInside(each);
    }
  });

  test('has its music in every pause, and much less of it while somebody speaks', async () => {
    const [first, second] = cues;
    if (!first || !second) throw new Error('There are two sentences.');
    const levels = await measureLevels(tools, videoPath, 50, onlyMusic);
    const mean = (fromMs: number, toMs: number) => {
      const inside = levels.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
      return inside.reduce((sum, { db }) => sum + db, 0) / inside.length;
    };
    const before = mean(1_300, first.startMs - 200);
    expect(before).toBeGreaterThan(-40);
    for (const { startMs, endMs } of [first, second]) {
      expect(before - mean(startMs + 400, endMs - 200)).toBeGreaterThan(6);
    }
    // It comes back between two sentences, from where it was pressed down to.
    const between = mean(second.startMs - 150, second.startMs - 50);
    expect(between - mean(second.startMs + 400, second.endMs - 200)).toBeGreaterThan(3);
  });

  test('keeps the version that its job began with, though the template was changed and deleted before it was made', async () => {
    const { job } = await api.client.query<{ job: { options: object } }>(
      `query ($id: ID!) { job(id: $id) { options { ... on VideoOptions {
         templateVersion template { style safeAreaPercent logo { position } music { volume isDucked } colors { accent } } } } } }`,
      { id: jobId },
    );
    expect(job.options).toEqual({
      templateVersion: 1,
      template: {
        style: 'MINIMAL',
        safeAreaPercent,
        logo: { position: 'TOP_LEFT' },
        music: { volume: 0.5, isDucked: true },
        colors: { accent: colors.accent },
      },
    });
  });
});

/** A picture whose first rows are black. */
function without({ width, height, data }: Picture, rows: number): Picture {
  return { width, height, data: data.map((part, at) => (at < rows * width * 4 ? 0 : part)) };
}
