/**
 * A text as our picture font can draw it: the canvas never joins what U+FE0F is part of, so a keycap would be blank, and "woman in a
 * lotus position" a person and a box with the sign of women.
 */
export function toDrawable(text: string): string {
  return text.replaceAll(/([0-9#*])\ufe0f?\u20e3/gu, '$1').replaceAll(/\u200d[♀♂⚕⚖✈]\ufe0f?/gu, '');
}
