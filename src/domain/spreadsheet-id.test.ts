import { expect, test } from 'vitest';
import { findSpreadsheetId } from './spreadsheet-id.ts';

const id = '1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms';

test.each([
  id,
  ` ${id}\n`,
  `https://docs.google.com/spreadsheets/d/${id}`,
  `https://docs.google.com/spreadsheets/d/${id}/edit?gid=0#gid=0`,
  `https://docs.google.com/spreadsheets/u/1/d/${id}/edit?usp=sharing`,
])('%j names a spreadsheet', (text) => {
  expect(findSpreadsheetId(text)).toBe(id);
});

test.each([
  '',
  'ideas',
  `http://docs.google.com/spreadsheets/d/${id}`,
  `https://docs.google.com.example.com/spreadsheets/d/${id}`,
  `https://docs.google.com/document/d/${id}`,
  'https://docs.google.com/spreadsheets/d/e/2PACX-1vT/pubhtml',
  `../${id}`,
])('%j names none', (text) => {
  expect(findSpreadsheetId(text)).toBeNull();
});
