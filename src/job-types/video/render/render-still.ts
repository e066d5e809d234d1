import { createPainter } from '../draw/painter.ts';
import type { Look } from '../draw/look.ts';
import { estimateSpeech } from '../script/estimate-speech.ts';
import { planTimeline } from '../script/plan-timeline.ts';
import type { Scene } from '../script/split-script.ts';
import { encodePicture } from './encode-picture.ts';
import { frameSize, type Orientation, type Resolution } from './output-format.ts';

export interface StillInput {
  title: string;
  scenes: readonly Scene[];
  look: Look;
  resolution: Resolution;
  orientation: Orientation;
  /** The title card, or the first scene in the middle of its first sentence. */
  shows: 'TITLE' | 'SCENE';
}

/** One frame as the video would have it, without speech and without ffmpeg. @throws InvalidInputError when the logo is no picture */
export async function renderStill(input: StillInput): Promise<{ png: Buffer; warnings: readonly string[] }> {
  const timeline = planTimeline(input.scenes, estimateSpeech(input.scenes, 1), Infinity);
  const size = frameSize(input.resolution, input.orientation);
  const painter = await createPainter({ title: input.title, timeline, look: input.look, size });
  const sentence = timeline.scenes[0]?.sentences[0];
  const isTitle = input.shows === 'TITLE' || sentence === undefined;
  const picture = painter.picture(isTitle ? timeline.titleEndMs - 1 : (sentence.startMs + sentence.endMs) / 2);
  return { png: await encodePicture(picture, 'PNG', Infinity), warnings: painter.warnings };
}
