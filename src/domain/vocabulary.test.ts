import { describe, expect, test } from 'vitest';
import { callerKinds } from './caller.ts';
import { destinationKinds, storageProblems } from './destination.ts';
import { errorCodes } from './errors.ts';
import { exportContents, exportFormats, exportStates } from './export.ts';
import { finalItemStates, itemStates } from './item-counts.ts';
import { weekdays } from './execution-window.ts';
import { canaryStates, deadlineActions } from './guard-rails.ts';
import { jobEventTypes } from './job-event.ts';
import { jobActions, jobStates, pauseReasons } from './job-state.ts';
import { priorities, uploadFormats, validationLevels } from './job.ts';
import { queueLevels } from './line.ts';
import { quotaNames } from './quota.ts';
import { projectRoles, scopes } from './scope.ts';
import { chunkStates, ingestStageName, stageKinds, stageStates } from './stage-plan.ts';

const enums = {
  callerKinds,
  canaryStates,
  deadlineActions,
  weekdays,
  chunkStates,
  destinationKinds,
  errorCodes,
  exportContents,
  exportFormats,
  exportStates,
  finalItemStates,
  itemStates,
  jobActions,
  jobStates,
  pauseReasons,
  priorities,
  queueLevels,
  quotaNames,
  projectRoles,
  scopes,
  stageKinds,
  stageNames: [ingestStageName],
  stageStates,
  storageProblems,
  uploadFormats,
  validationLevels,
};

describe('The words of the domain', () => {
  test.each(Object.entries(enums))('%s are different enum values of GraphQL', (_, values) => {
    expect(new Set<string>(values).size).toBe(values.length);
    expect(values.filter((value) => !/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/.test(value))).toEqual([]);
  });

  test('journal entries are different types of GraphQL', () => {
    expect(new Set<string>(jobEventTypes).size).toBe(jobEventTypes.length);
    expect(jobEventTypes.filter((name) => !/^([A-Z][a-z]+)+$/.test(name))).toEqual([]);
  });
});
