import { join } from 'node:path';
import { speakScenes } from '../src/job-types/video/script/speak-scenes.ts';
import { splitScript } from '../src/job-types/video/script/split-script.ts';
import type { MediaTools } from '../src/providers/ffmpeg/media-tools.ts';
import { createFliteSpeech } from '../src/providers/speech/flite/flite.ts';

/** A clip of so many scenes of a sentence each, spoken into `workDir`: what `renderVideo` makes a video of, without its look and format. */
export async function speakClip(tools: MediaTools, workDir: string, sentences: number) {
  const { signal } = new AbortController();
  const scenes = splitScript(
    Array.from(
      { length: sentences },
      (_, index) => `# Scene ${index + 1}\nSend one job over a million rows, and follow every item.`,
    ).join('\n\n'),
  );
  const speechPath = join(workDir, 'speech.wav');
  const voice = { kind: 'MALE', speed: 1, pitch: 0 } as const;
  const spoken = await speakScenes({
    scenes,
    speech: createFliteSpeech(tools),
    voice,
    outPath: speechPath,
    workDir,
    signal,
  });
  const title = 'Ten million items before breakfast';
  return { tools, title, scenes, spoken, speechPath, maxDurationMs: 600_000, workDir, signal } as const;
}
