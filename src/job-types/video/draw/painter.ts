import { type Canvas, loadImage } from '@napi-rs/canvas';
import { InvalidInputError, toError } from '../../../domain/errors.ts';
import { cutCues, type Cue } from '../captions/cut-cues.ts';
import type { FrameSize } from '../render/output-format.ts';
import type { TimedScene, Timeline } from '../script/plan-timeline.ts';
import { createCompositor, type Patch } from './compositor.ts';
import { chooseDesign } from './designs/choose-design.ts';
import type { Layer } from './layer.ts';
import type { Look } from './look.ts';
import { createPage } from './page.ts';

export interface PainterInput {
  title: string;
  timeline: Timeline;
  look: Look;
  size: FrameSize;
}

/** Draws the frames of one video, in any order, faster in the order of time. */
export interface Painter {
  warnings: readonly string[];
  /** Goes to a moment. Answers what changed since the last call; all of it in the first. */
  paint(timeMs: number): Patch[];
  /** The whole frame of a moment. */
  picture(timeMs: number): Canvas;
}

const entranceMs = { title: 700, scene: 450, cue: 160 };

interface CuedScene extends TimedScene {
  cues: { cue: Cue; index: number }[];
}

/** @throws InvalidInputError when the logo is no picture */
export async function createPainter({ title, timeline, look, size }: PainterInput): Promise<Painter> {
  const scenes = addCues(timeline.scenes);
  const logo = look.logo === null ? null : await loadLogo(look.logo.path);
  const allText = [title, ...scenes.flatMap((scene) => [scene.heading ?? '', ...textsOf(scene)]), '0123456789/'];
  const page = createPage(size, look, logo, allText.join(' '));
  const design = chooseDesign(look.style);
  const sceneEnds = scenes.map((scene) => scene.endMs / timeline.durationMs);
  const compositor = createCompositor(size, (context) => {
    context.save();
    design.paintBackground(context, page);
    context.restore();
    if (logo !== null && page.logo !== null) {
      context.drawImage(logo, page.logo.x, page.logo.y, page.logo.width, page.logo.height);
    }
  });

  function layersAt(timeMs: number): Layer[] {
    const progress = design.progress(page, { share: timeMs / timeline.durationMs, sceneEnds });
    const index = scenes.findLastIndex((each) => each.startMs <= timeMs);
    const scene = scenes[index];
    if (scene === undefined) return [design.title(page, title, shareOf(timeMs, entranceMs.title)), progress];
    const view = { index, count: scenes.length, heading: scene.heading ?? title };
    const heading = design.scene(page, { ...view, shown: shareOf(timeMs - scene.startMs, entranceMs.scene) });
    const current = scene.cues.findLast(({ cue }) => cue.startMs <= timeMs);
    if (current === undefined) return [heading, progress];
    const word = wordAt(current.cue, timeMs);
    const shown = shareOf(timeMs - current.cue.startMs + 40, entranceMs.cue);
    return [heading, design.cue(page, { index: current.index, cue: current.cue, word, shown }), progress];
  }

  return {
    warnings: page.warnings,
    paint: (timeMs) => compositor.compose(layersAt(timeMs)),
    picture: (timeMs) => compositor.draw(layersAt(timeMs)),
  };
}

function addCues(scenes: readonly TimedScene[]): CuedScene[] {
  let count = 0;
  return scenes.map((scene) => ({
    ...scene,
    cues: cutCues(scene.sentences).map((cue) => ({ cue, index: count++ })),
  }));
}

const textsOf = (scene: TimedScene) => scene.sentences.map((sentence) => sentence.text);
const shareOf = (ms: number, wholeMs: number) => Math.min(1, Math.max(0, ms / wholeMs));

/** The word that is spoken; one past the last when all have been. */
function wordAt({ words, endMs }: Cue, timeMs: number): number {
  if (timeMs >= endMs) return words.length;
  return words.findLastIndex((word) => word.startMs <= timeMs);
}

async function loadLogo(path: string) {
  try {
    return await loadImage(path);
  } catch (error) {
    throw new InvalidInputError(
      `The logo cannot be drawn: expected a PNG, JPEG or WebP picture (${toError(error).message}).`,
    );
  }
}
