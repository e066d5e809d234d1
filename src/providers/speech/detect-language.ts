const scripts: readonly [language: string, letters: RegExp][] = [
  // Kana before Han: Japanese has both.
  ['ja', /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ['ko', /\p{Script=Hangul}/gu],
  ['zh', /\p{Script=Han}/gu],
  ['ar', /\p{Script=Arabic}/gu],
  ['he', /\p{Script=Hebrew}/gu],
  ['ru', /\p{Script=Cyrillic}/gu],
  ['el', /\p{Script=Greek}/gu],
  ['hi', /\p{Script=Devanagari}/gu],
  ['bn', /\p{Script=Bengali}/gu],
  ['pa', /\p{Script=Gurmukhi}/gu],
  ['gu', /\p{Script=Gujarati}/gu],
  ['or', /\p{Script=Oriya}/gu],
  ['ta', /\p{Script=Tamil}/gu],
  ['te', /\p{Script=Telugu}/gu],
  ['kn', /\p{Script=Kannada}/gu],
  ['ml', /\p{Script=Malayalam}/gu],
  ['si', /\p{Script=Sinhala}/gu],
  ['th', /\p{Script=Thai}/gu],
  ['lo', /\p{Script=Lao}/gu],
  ['km', /\p{Script=Khmer}/gu],
  ['my', /\p{Script=Myanmar}/gu],
  ['hy', /\p{Script=Armenian}/gu],
  ['ka', /\p{Script=Georgian}/gu],
  ['am', /\p{Script=Ethiopic}/gu],
  // "Undetermined" of BCP 47: no voice has it.
  ['und', /(?!\p{Script=Latin}|\p{Script=Common})\p{L}/gu],
];

/** The likely language of a text by its script: that of at least a third of its letters, else English. */
export function detectLanguage(text: string): string {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  for (const [language, pattern] of scripts) {
    const found = text.match(pattern)?.length ?? 0;
    if (found > 0 && found * 3 >= letters) return language;
  }
  return 'en';
}

/** The language that is asked for, unless the text is in a script that it is not written in. */
export function chooseLanguage(text: string, wanted: string | undefined): string {
  const found = detectLanguage(text);
  if (wanted === undefined) return found;
  return found === 'en' || scriptOf(wanted) === scriptOf(found) ? wanted : found;
}

/** Chinese and Japanese share characters. */
const families: Readonly<Record<string, string>> = { Hans: 'Hani', Hant: 'Hani', Jpan: 'Hani' };

function scriptOf(language: string): string {
  const { script = language } = new Intl.Locale(language).maximize();
  return families[script] ?? script;
}
