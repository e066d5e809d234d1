import { join } from 'node:path';
import type { FileStageContext, ItemOutcome, StageContext, WorkItem } from '../define-job-type.ts';
import { templateOf } from '../../templates/template-options.ts';
import type { Item } from './item.ts';
import type { Options } from './options.ts';
import { speakScenes } from './script/speak-scenes.ts';
import { splitScript } from './script/split-script.ts';

/** Speaks the script into one sound file, and passes on how long each of its sentences takes. */
export async function speakScript(
  item: WorkItem<Item>,
  { options, files, report, providers, workDir, signal }: StageContext<Options> & FileStageContext,
): Promise<ItemOutcome<never>> {
  const { voice } = templateOf(options);
  const folder = await workDir();
  const outPath = join(folder, `speech-${item.index}.wav`);
  const warnings: string[] = [];
  const spoken = await speakScenes({
    scenes: splitScript(item.input.script),
    speech: await providers.speech(),
    voice: { ...voice, kind: item.input.voice ?? options.voice ?? voice.kind },
    ...(options.language === undefined ? {} : { language: options.language }),
    outPath,
    workDir: folder,
    signal,
    onWarning: (warning) => warnings.push(warning),
    onProgress: ({ percent, scene, scenes }) =>
      report(item, { percent, step: `Scene ${scene} of ${scenes}: speaking` }),
  });
  for (const warning of warnings) report(item, { percent: 100, step: 'Spoken', warning });
  const speech = await files.put(
    item,
    { name: 'speech', fileName: 'speech.wav', mediaType: 'audio/wav', isKept: false },
    outPath,
  );
  const durationsMs = spoken.map((sentences) => sentences.map(({ durationMs }) => durationMs));
  return { state: 'SUCCEEDED', files: [speech], data: { durationsMs, warnings } };
}
