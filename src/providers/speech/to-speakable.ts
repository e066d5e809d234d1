const pictures =
  /(?!\p{ASCII})(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\p{Variation_Selector}|\u20e3)/gu;

/** What is left of a text for a voice: no pictures, no markup, no control characters. Empty when nothing can be said. */
export function toSpeakable(text: string): string {
  const plain = text
    // Also makes ½ and ² and full-width letters what any voice can say.
    .normalize('NFKC')
    .replace(/https?:\/\/\S+/giu, ' ')
    .replace(pictures, ' ')
    .replace(/[*_#`<>[\]{}|\\^~\p{Cc}\p{Cf}]/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim();
  return /[\p{L}\p{N}]/u.test(plain) ? plain : '';
}
