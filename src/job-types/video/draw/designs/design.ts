import type { SKRSContext2D } from '@napi-rs/canvas';
import type { Cue } from '../../captions/cut-cues.ts';
import type { Layer } from '../layer.ts';
import type { Page } from '../page.ts';

export interface SceneView {
  /** From 0. */
  index: number;
  count: number;
  /** Its own heading, else the title of the video. */
  heading: string;
  /** Entrance: 0 nothing is seen, 1 all of it. */
  shown: number;
}

export interface CueView {
  /** Position in the video. */
  index: number;
  cue: Cue;
  /** Position of the word that is spoken. */
  word: number;
  shown: number;
}

export interface ProgressView {
  /** Of the whole video, 0 to 1. */
  share: number;
  /** Where each scene ends, as a share. */
  sceneEnds: readonly number[];
}

/** A style of videos: where things stand, how they look and how they come in. */
export interface Design {
  /** What never changes. */
  paintBackground(context: SKRSContext2D, page: Page): void;
  title(page: Page, title: string, shown: number): Layer;
  scene(page: Page, view: SceneView): Layer;
  cue(page: Page, view: CueView): Layer;
  progress(page: Page, view: ProgressView): Layer;
}

/** A step that the eye does not see: layers of the same step are painted once. */
export function toStep(share: number): number {
  return Math.round(share * 100);
}
