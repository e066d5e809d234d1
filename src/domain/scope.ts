/** What a key or a member may do in a project. SUBMIT and CONTROL include READ, ADMIN includes all. */
export const scopes = ['READ', 'SUBMIT', 'CONTROL', 'ADMIN'] as const;
export type Scope = (typeof scopes)[number];

/** What a part of the API asks of its caller: a scope, or FOLLOW, which READ has for all jobs and a follow token for one. */
export type Requirement = 'FOLLOW' | Scope;

/** What a member is in a project. */
export const projectRoles = ['VIEWER', 'SUBMITTER', 'OPERATOR', 'ADMIN'] as const;
export type ProjectRole = (typeof projectRoles)[number];

const included: Record<Scope, readonly Scope[]> = {
  READ: ['READ'],
  SUBMIT: ['READ', 'SUBMIT'],
  CONTROL: ['READ', 'CONTROL'],
  ADMIN: scopes,
};

const scopesByRole: Record<ProjectRole, readonly Scope[]> = {
  VIEWER: ['READ'],
  SUBMITTER: ['READ', 'SUBMIT'],
  OPERATOR: ['READ', 'SUBMIT', 'CONTROL'],
  ADMIN: scopes,
};

/** All that the given scopes allow, each once, in the order of `scopes`. */
export function withIncluded(given: readonly Scope[]): Scope[] {
  return scopes.filter((scope) => given.some((each) => included[each].includes(scope)));
}

/** What a member with this role may do, included scopes too. */
export function scopesOf(role: ProjectRole): readonly Scope[] {
  return scopesByRole[role];
}

/** What authorization asks of a viewer: `jobId` is the only job that a follow token shows, `scopes` has the included ones too. */
interface Holder {
  scopes: readonly Scope[];
  jobId: string | null;
}

/** True when the credentials cover the requirement; a follow token covers FOLLOW only. */
export function allows(holder: Holder, requirement: Requirement): boolean {
  if (holder.jobId !== null) return requirement === 'FOLLOW';
  return holder.scopes.includes(requirement === 'FOLLOW' ? 'READ' : requirement);
}
