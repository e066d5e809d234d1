import { expect, test } from 'vitest';
import { InvalidInputError } from '../../../domain/errors.ts';
import { splitScript } from './split-script.ts';

test('a paragraph is a scene, and a line of its own that looks like a heading names the next one', () => {
  const script = [
    'Welcome to the show.',
    'It is short!',
    '',
    '## What is new ##',
    'Two things. Are they good?',
    '[The end]',
    'Goodbye.',
    '',
    'Scene 4: Credits',
    'By us.',
  ].join('\r\n');
  expect(splitScript(script)).toEqual([
    { heading: null, sentences: ['Welcome to the show.', 'It is short!'] },
    { heading: 'What is new', sentences: ['Two things.', 'Are they good?'] },
    { heading: 'The end', sentences: ['Goodbye.'] },
    { heading: 'Scene 4: Credits', sentences: ['By us.'] },
  ]);
});

test.each([
  [
    'Dr. Smith met Mr. J. Doe at 3.5 p.m. sharp. They talked.',
    ['Dr. Smith met Mr. J. Doe at 3.5 p.m. sharp.', 'They talked.'],
  ],
  ['He grew it, e.g. Bonds did. Fine.', ['He grew it, e.g. Bonds did.', 'Fine.']],
  ['これは文です。「二つ目」もあります！', ['これは文です。', '「二つ目」もあります！']],
  ['مرحبا بالعالم. كيف الحال؟ جيد.', ['مرحبا بالعالم.', 'كيف الحال؟', 'جيد.']],
  ['No full stop at all', ['No full stop at all']],
])('sentences of %j end where a reader would stop', (paragraph, sentences) => {
  expect(splitScript(paragraph)).toEqual([{ heading: null, sentences }]);
});

test('headings without a sentence below them are no scene, and a script of nothing else is refused', () => {
  expect(splitScript('# Empty\n\n# Full\nHello.')).toEqual([{ heading: 'Full', sentences: ['Hello.'] }]);
  for (const script of ['', ' \n\n ', '# Only a heading']) {
    expect(() => splitScript(script)).toThrow(InvalidInputError);
  }
});
