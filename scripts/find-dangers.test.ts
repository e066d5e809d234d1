import { expect, test } from 'vitest';
import { findDangers } from './find-dangers.ts';

test.each([
  ['alter table "jobs" alter column "generation" type bigint', 'changing-column-type'],
  ['alter table "jobs" drop column "title"', 'ban-drop-column'],
  ['alter table "jobs" rename column "title" to "name"', 'renaming-column'],
  ['alter table "jobs" add "owner" text not null', 'adding-required-field'],
  ['alter table "jobs" add constraint "short" check (length(title) < 9)', 'constraint-missing-not-valid'],
  ['create index "by_title" on "jobs" ("title")', 'require-concurrent-index-creation'],
  ['drop table "jobs"', 'ban-drop-table'],
])('%s is refused', async (statement, rule) => {
  expect(await findDangers([statement], true)).toEqual([expect.stringContaining(rule)]);
});

test('what the version before does not notice is let through', async () => {
  const statements = [
    'create table "notes" ("id" uuid not null, "text" text not null, primary key ("id"))',
    'create index "notes_text_index" on "notes" ("text")',
    'alter table "jobs" add "owner" text null, add "shared" boolean not null default false',
    'alter table "jobs" add constraint "short" check (length(title) < 9) not valid',
  ];
  expect(await findDangers(statements, true)).toEqual([]);
  const concurrent = [
    'drop index concurrently if exists "by_title"',
    'create index concurrently "by_title" on "jobs" ("title")',
  ];
  expect(await findDangers(concurrent, false)).toEqual([]);
  expect(await findDangers(concurrent, true)).not.toEqual([]);
});

test('what the version before has not used any more is let through when the migration says so', async () => {
  const statement = '-- squawk-ignore ban-drop-column\nalter table "jobs" drop column "title"';
  expect(await findDangers([statement], true)).toEqual([]);
});
