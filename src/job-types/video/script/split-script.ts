import { InvalidInputError } from '../../../domain/errors.ts';
import { cutSentence } from './cut-sentence.ts';

/** What is shown and said at a stretch. */
export interface Scene {
  /** Shown, not said. */
  heading: string | null;
  /** Never empty. */
  sentences: string[];
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'sentence' });
/** What a full stop follows without an end of the sentence: titles, initials, usual abbreviations. */
const abbreviation = /(?:^|[\s(])(?:mr|mrs|ms|dr|prof|st|mme|vs|nr|e\.g|i\.e|z\.b|bzw|approx|fig|\p{Lu})\.$/iu;
const headingLine =
  /^(?:#{1,6}\s+(?<marked>.+?)\s*#*|\[(?<bracketed>[^\]]+)\]|(?<numbered>scene\s+\d+\s*[:.–—-]?.*))$/iu;

/**
 * A paragraph is a scene. A line like "# Heading", "[Heading]" or "Scene 2: Heading" begins one and names it.
 * @throws InvalidInputError when nothing can be said
 */
export function splitScript(script: string): Scene[] {
  const scenes: Scene[] = [];
  let heading: string | null = null;
  let lines: string[] = [];
  const endScene = () => {
    const sentences = splitSentences(lines.join(' '));
    lines = [];
    if (sentences.length === 0) return;
    scenes.push({ heading, sentences });
    heading = null;
  };
  for (const line of script.replace(/\r\n?/g, '\n').split('\n')) {
    const text = line.trim();
    const found = headingLine.exec(text)?.groups;
    if (text === '') endScene();
    else if (found !== undefined) {
      endScene();
      heading = (found['marked'] ?? found['bracketed'] ?? found['numbered'] ?? '').trim() || null;
    } else lines.push(text);
  }
  endScene();
  if (scenes.length === 0) {
    throw new InvalidInputError('Expected a script with at least one sentence, and it has none.');
  }
  return scenes;
}

function splitSentences(paragraph: string): string[] {
  const sentences: string[] = [];
  let begun = '';
  for (const { segment } of segmenter.segment(paragraph)) {
    // An opening quotation mark that the rules of Unicode leave behind belongs to what it opens.
    const [, text = '', opening = ''] = /^(.*?)([\p{Ps}\p{Pi}]*)$/su.exec(begun + segment) ?? [];
    if (abbreviation.test(text.trim())) {
      begun = text + opening;
      continue;
    }
    sentences.push(text.trim());
    begun = opening;
  }
  return [...sentences, begun.trim()].filter((sentence) => sentence !== '').flatMap(cutSentence);
}
