import { createCanvas } from '@napi-rs/canvas';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { contrast } from '../../src/job-types/video/draw/color.ts';
import { createPage } from '../../src/job-types/video/draw/page.ts';
import type { Look } from '../../src/job-types/video/draw/look.ts';
import { createPainter } from '../../src/job-types/video/draw/painter.ts';
import { planTimeline } from '../../src/job-types/video/script/plan-timeline.ts';
import { splitScript } from '../../src/job-types/video/script/split-script.ts';
import { templateSettings, logoPositions, videoStyles } from '../../src/templates/template-settings.ts';
import { findColor, findPixels, pixelAt, toPicture, type Color, type Found } from '../support/pixels.ts';
import { makeWorkFolder } from '../support/work-folder.ts';

const sizes = {
  LANDSCAPE: { width: 640, height: 360 },
  PORTRAIT: { width: 360, height: 640 },
  SQUARE: { width: 400, height: 400 },
};
const script =
  '# First things\nSend one job over a million rows. Follow it.\n\nPause it, resume it, retry what failed.';
const colors = { background: '#101030', primary: '#40ff40', accent: '#ff4040', text: '#f0f0f0' };

function plan(text: string) {
  const scenes = splitScript(text);
  const spoken = scenes.map((scene) => scene.sentences.map((sentence) => ({ text: sentence, durationMs: 2_000 })));
  return planTimeline(scenes, spoken, 600_000);
}

const lookOf = (style: Look['style'], more: Partial<Look> = {}): Look => ({
  ...templateSettings.parse({ style, colors }),
  logo: null,
  music: null,
  ...more,
});

function open(look: Look, { title = 'Ten million items', text = script, size = sizes.LANDSCAPE } = {}) {
  return createPainter({ title, timeline: plan(text), look, size });
}

/** Whether all of it keeps a margin, in percent of the shorter side. */
function keepsMargin(found: Found, { width, height }: { width: number; height: number }, percent: number): boolean {
  const margin = (Math.min(width, height) * percent) / 100 - 1;
  return (
    found.left >= margin && found.top >= margin && found.right <= width - margin && found.bottom <= height - margin
  );
}

/** The middle of the second word of the first sentence. */
const firstSentenceMs = plan(script).scenes[0]?.sentences[0]?.startMs ?? 0;

describe.each(videoStyles)('A video in the style %s', (style) => {
  test('shows its title first, in the primary color, and the heading and the words of each scene after it', async () => {
    const painter = await open(lookOf(style));
    painter.paint(1_500);
    const title = findColor(toPicture(painter.canvas), colors.primary);
    expect(title.count).toBeGreaterThan(400);
    expect(findColor(toPicture(painter.canvas), colors.text).count).toBe(0);
    painter.paint(firstSentenceMs + 1_000);
    const scene = toPicture(painter.canvas);
    expect(findColor(scene, colors.primary).count).toBeGreaterThan(30);
    expect(findColor(scene, colors.text).count).toBeGreaterThan(200);
  });

  test('marks one word after the other in the accent color', async () => {
    const painter = await open(lookOf(style), { text: 'Aaaaaaaa bbbbbbbb.' });
    const start = plan('Aaaaaaaa bbbbbbbb.').scenes[0]?.sentences[0]?.startMs ?? 0;
    const [first, second] = [start + 500, start + 1_500].map((timeMs) => {
      painter.paint(timeMs);
      return toPicture(painter.canvas);
    });
    if (first === undefined || second === undefined) throw new Error('There are two frames.');
    const isAccent = ([red, green, blue]: Color) => red > 230 && green < 90 && blue < 90;
    // The progress line, at the edge, has the accent too.
    const isInside = (x: number, y: number) => x > 30 && y > 30 && y < 330;
    const left = findPixels(
      first,
      (color, x, y) => isInside(x, y) && isAccent(color) && !isAccent(pixelAt(second, x, y)),
    );
    const right = findPixels(
      second,
      (color, x, y) => isInside(x, y) && isAccent(color) && !isAccent(pixelAt(first, x, y)),
    );
    for (const mark of [left, right]) expect(mark.count).toBeGreaterThan(20);
    expect(right.left).toBeGreaterThan(left.right - 5);
  });

  test.each(Object.entries(sizes))('fits any title, heading and sentence into the safe area of %s', async (_, size) => {
    const endless = 'Donaudampfschifffahrtsgesellschaftskapitän und noch sehr viele andere Wörter mehr '.repeat(6);
    const painter = await open(lookOf(style, { safeAreaPercent: 8 }), {
      title: endless,
      text: `# ${endless}\n${endless}.`,
      size,
    });
    painter.paint(1_500);
    const title = findColor(toPicture(painter.canvas), colors.primary, 60);
    painter.paint(firstSentenceMs + 1_000);
    const scene = toPicture(painter.canvas);
    const heading = findColor(scene, colors.primary, 60);
    const caption = findColor(scene, colors.text, 60);
    for (const found of [title, heading, caption]) expect(found.count).toBeGreaterThan(50);
    // The frame of CLASSIC has the primary color and stands at the edge.
    for (const found of style === 'CLASSIC' ? [caption] : [title, heading, caption]) {
      expect(keepsMargin(found, size, 8)).toBe(true);
    }
  });

  test('begins at the right in Hebrew', async () => {
    const painter = await open(lookOf(style), { title: 'שלום', text: '# שלום\nזה משפט בעברית.' });
    painter.paint(1_500);
    const title = findPixels(toPicture(painter.canvas), ([, green, blue], x) => green > 200 && blue < 120 && x > 25);
    const middle = (title.left + title.right) / 2;
    const [from, to] = style === 'CLASSIC' ? [280, 360] : [420, 640];
    expect(middle).toBeGreaterThan(from);
    expect(middle).toBeLessThan(to);
  });

  test('looks the same however the frames before it were painted', async () => {
    const painter = await open(lookOf(style));
    const { width, height } = sizes.LANDSCAPE;
    const assembled = new Uint8ClampedArray(width * height * 4);
    const { durationMs } = plan(script);
    for (let timeMs = 0; timeMs < durationMs; timeMs += 130) {
      for (const { top, pixels } of painter.paint(timeMs)) assembled.set(pixels, top * width * 4);
      const isChecked = timeMs % 1_040 === 0;
      if (!isChecked) continue;
      const fresh = await open(lookOf(style));
      fresh.paint(timeMs);
      const expected = toPicture(fresh.canvas).data;
      expect(Buffer.from(assembled.buffer).equals(Buffer.from(expected.buffer))).toBe(true);
    }
  });

  test.each(logoPositions)('has its logo %s, with nothing over it', async (position) => {
    const path = join(await makeWorkFolder(), 'logo.png');
    const logo = createCanvas(200, 100);
    const context = logo.getContext('2d');
    context.fillStyle = '#00a0ff';
    context.fillRect(0, 0, 200, 100);
    await writeFile(path, logo.toBuffer('image/png'));
    const endless = 'many words that have to make room for a logo in its corner '.repeat(4);
    const painter = await open(lookOf(style, { logo: { path, position } }), {
      title: endless,
      text: `# ${endless}\n${endless}.`,
    });
    for (const timeMs of [1_500, firstSentenceMs + 1_000]) {
      painter.paint(timeMs);
      const found = findColor(toPicture(painter.canvas), '#00a0ff', 2);
      const [width, height] = [found.right - found.left + 1, found.bottom - found.top + 1];
      expect(width / height).toBeCloseTo(2, 0);
      expect(found.count / (width * height)).toBeGreaterThan(0.9);
      expect(found.left > 320).toBe(position.endsWith('RIGHT'));
      expect(found.top > 180).toBe(position.startsWith('BOTTOM'));
    }
  });
});

test.each([
  ['left', 'Hello', 'A sentence.'],
  ['right', 'שלום', 'זה משפט בעברית.'],
])('the column of CORPORATE stands at the %s of a title that begins there: %s', async (side, title, text) => {
  const painter = await open(lookOf('CORPORATE'), { title, text });
  for (const timeMs of [1_500, firstSentenceMs + 1_000]) {
    painter.paint(timeMs);
    // Above the rule of the title.
    const column = findPixels(toPicture(painter.canvas), ([red, green], _, y) => red > 230 && green < 90 && y < 100);
    expect(column.right - column.left).toBeLessThan(10);
    expect(side === 'left' ? column.left : 639 - column.right).toBe(0);
  }
});

test('the styles put the title and the words at different places', async () => {
  const places = await Promise.all(
    videoStyles.map(async (style) => {
      const painter = await open(lookOf(style));
      painter.paint(1_500);
      // Without the frame of CLASSIC.
      const { left, top } = findPixels(
        toPicture(painter.canvas),
        ([red, green], x, y) => green > 220 && red < 100 && x > 15 && y > 15 && x < 625 && y < 345,
      );
      return `${Math.round(left / 4)} ${Math.round(top / 4)}`;
    }),
  );
  expect(new Set(places).size).toBe(videoStyles.length);
});

test('the background has the color of the template', async () => {
  for (const style of videoStyles) {
    const painter = await open(lookOf(style));
    painter.paint(1_500);
    const [red, green, blue] = pixelAt(toPicture(painter.canvas), 30, 30);
    expect([red, green, blue].every((part, index) => Math.abs(part - ([16, 16, 48][index] ?? 0)) < 8)).toBe(true);
  }
});

test('colors that could not be read are changed as little as needed, and said', () => {
  const look = {
    ...lookOf('MODERN'),
    colors: { background: '#ffffff', primary: '#fefefe', accent: '#ffff00', text: '#eeeeee' },
  };
  const { palette, warnings } = createPage(sizes.LANDSCAPE, look, null, 'Hello');
  expect(contrast(palette.text, '#ffffff')).toBeGreaterThanOrEqual(4.5);
  expect(contrast(palette.primary, '#ffffff')).toBeGreaterThanOrEqual(3);
  expect(contrast(palette.accent, palette.surface)).toBeGreaterThanOrEqual(3);
  expect(contrast(palette.onAccent, palette.accent)).toBeGreaterThanOrEqual(3);
  expect(warnings).toHaveLength(3);
  expect(warnings[0]).toBe(
    `The text color #eeeeee cannot be read on the background #ffffff, so ${palette.text} is used.`,
  );
});

test('a logo that is no picture is refused with what is expected', async () => {
  const path = join(await makeWorkFolder(), 'logo.png');
  await writeFile(path, 'not a picture');
  const opened = open(lookOf('MODERN', { logo: { path, position: 'TOP_LEFT' } }));
  await expect(opened).rejects.toThrow('The logo cannot be drawn: expected a PNG, JPEG or WebP picture');
});
