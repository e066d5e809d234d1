import { join } from 'node:path';
import type { Look } from '../../src/job-types/video/draw/look.ts';
import type { RenderInput } from '../../src/job-types/video/render/render-video.ts';
import { speakScenes } from '../../src/job-types/video/script/speak-scenes.ts';
import { splitScript } from '../../src/job-types/video/script/split-script.ts';
import type { MediaTools } from '../../src/providers/ffmpeg/media-tools.ts';
import { createFliteSpeech } from '../../src/providers/speech/flite/flite.ts';
import { templateSettings } from '../../src/templates/template-settings.ts';

/** A look with the colors of a template and nothing from files. */
export function makeLook(more: Partial<Look> = {}): Look {
  return { ...templateSettings.parse({}), logo: null, music: null, ...more };
}

/** Speaks a script and answers what `renderVideo` takes for a small MP4 of it. */
export async function prepareRender(
  tools: MediaTools,
  workDir: string,
  script: string,
): Promise<Omit<RenderInput, 'signal'>> {
  const scenes = splitScript(script);
  const speechPath = join(workDir, 'speech.wav');
  const spoken = await speakScenes({
    scenes,
    speech: createFliteSpeech(tools),
    voice: { kind: 'MALE', speed: 1, pitch: 0 },
    outPath: speechPath,
    workDir,
    signal: new AbortController().signal,
  });
  return {
    tools,
    title: 'Ten million items',
    scenes,
    spoken,
    speechPath,
    look: makeLook(),
    format: { container: 'MP4', videoCodec: 'H264', audioCodec: 'AAC' },
    size: { width: 320, height: 180 },
    thumbnail: 'JPEG',
    maxDurationMs: 60_000,
    workDir,
  };
}
