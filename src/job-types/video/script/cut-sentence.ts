/** In characters: services refuse some thousands, and nothing shows how far a voice has come in one. */
const longest = 400;
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** A sentence in parts that can be spoken at a stretch: cut behind a phrase, else behind a word, else between letters. */
export function cutSentence(sentence: string): string[] {
  const parts: string[] = [];
  let rest = sentence;
  while (rest.length > longest) {
    const end = findEnd(rest);
    parts.push(rest.slice(0, end).trim());
    rest = rest.slice(end).trim();
  }
  return [...parts, rest];
}

function findEnd(text: string): number {
  const head = text.slice(0, longest);
  for (const ends of [/[,;:—–]\s|[،؛、，；：]/gu, /\s/gu]) {
    const last = [...head.matchAll(ends)].at(-1);
    const end = last ? last.index + last[0].length : 0;
    if (end > longest / 2) return end;
  }
  return graphemes.segment(text).containing(longest)?.index || longest;
}
