import { expect, it } from 'vitest';
import { isDateFormat } from './number-formats.ts';

it.each(['yyyy-mm-dd', 'd/m/yy h:mm', '[$-409]mmmm d, yyyy;@', 'hh:mm:ss', '[Red]dd.mm.yyyy', 'mm:ss.0'])(
  '%s shows a moment',
  (code) => {
    expect(isDateFormat(code)).toBe(true);
  },
);

it.each([
  'General',
  '0.00',
  '#,##0.00 "days"',
  '[h]:mm',
  '[Red]0;[Blue]-0',
  '0\\d',
  '_(* #,##0_);_(@_)',
  '0.00E+00',
  '@',
])('%s shows no moment', (code) => {
  expect(isDateFormat(code)).toBe(false);
});
