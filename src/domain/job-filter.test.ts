import { expect, test } from 'vitest';
import { matchesFilter, type JobFilter } from './job-filter.ts';
import { everyJob } from '../../test/support/every-job.ts';
const createdAt = new Date('2026-03-02T12:00:00Z');
const metadata = { team: 'billing', tags: ['march', 'eu'], owner: { id: 7, active: true, note: null } };
const createdBy = { kind: 'USER', id: 'ada', name: 'Ada' } as const;
const job = { state: 'RUNNING', type: 'echo', title: 'March Payments', createdAt, createdBy, metadata } as const;
const later = new Date(createdAt.getTime() + 1);

test.each<[string, Partial<JobFilter>]>([
  ['everything', {}],
  ['its state and type', { states: ['PENDING', 'RUNNING'], types: ['echo'] }],
  ['a part of its title in another case', { title: 'PAY' }],
  ['the moment of its creation', { createdFrom: createdAt, createdTo: later }],
  ['who submitted it', { createdBy: { kind: 'USER', id: 'ada' } }],
  ['some of its metadata', { metadata: { owner: { id: 7, note: null }, tags: ['eu'] } }],
  ['no metadata in particular', { metadata: { tags: [], owner: {} } }],
])('a filter for %s lets a job through', (_, filter) => {
  expect(matchesFilter(job, { ...everyJob, ...filter })).toBe(true);
});

test.each<[string, Partial<JobFilter>]>([
  ['state', { states: ['PENDING'] }],
  ['type', { types: ['transactions'] }],
  ['title', { title: 'April' }],
  ['earlier moment', { createdTo: createdAt }],
  ['later moment', { createdFrom: later }],
  ['caller', { createdBy: { kind: 'USER', id: 'bob' } }],
  ['kind of caller', { createdBy: { kind: 'API_KEY', id: 'ada' } }],
  ['value in the metadata', { metadata: { team: 'sales' } }],
  ['value deep in the metadata', { metadata: { owner: { id: '7' } } }],
  ['member of the metadata', { metadata: { toString: {} } }],
  ['element of a list', { metadata: { tags: ['us'] } }],
  ['list where there is a value', { metadata: { team: ['billing'] } }],
  ['object where there is a list', { metadata: { tags: {} } }],
])('a filter for another %s does not', (_, filter) => {
  expect(matchesFilter(job, { ...everyJob, ...filter })).toBe(false);
});

test("a job of which it is not known who submitted it is nobody's", () => {
  expect(matchesFilter({ ...job, createdBy: null }, { ...everyJob, createdBy })).toBe(false);
});
