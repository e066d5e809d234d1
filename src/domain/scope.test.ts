import { expect, test } from 'vitest';
import { allows, projectRoles, scopes, scopesOf, withIncluded, type Requirement } from './scope.ts';

const requirements: readonly Requirement[] = ['FOLLOW', ...scopes];

function allowed(given: Parameters<typeof withIncluded>[0], jobId: string | null = null): Requirement[] {
  return requirements.filter((requirement) => allows({ scopes: withIncluded(given), jobId }, requirement));
}

test('SUBMIT and CONTROL include READ, ADMIN includes all, nothing else includes anything', () => {
  expect(scopes.map((scope) => allowed([scope]))).toEqual([
    ['FOLLOW', 'READ'],
    ['FOLLOW', 'READ', 'SUBMIT'],
    ['FOLLOW', 'READ', 'CONTROL'],
    ['FOLLOW', 'READ', 'SUBMIT', 'CONTROL', 'ADMIN'],
  ]);
  expect(allowed([])).toEqual([]);
});

test('a follow token allows to follow, whatever its holder may do otherwise', () => {
  expect(allowed(['ADMIN'], 'a job')).toEqual(['FOLLOW']);
});

test('a role has every scope that its scopes include', () => {
  for (const role of projectRoles) expect(scopesOf(role)).toEqual(withIncluded(scopesOf(role)));
});
