import { noGuardRails, type GuardRailSettings } from '../../domain/guard-rails.ts';
import type { GuardRailsCommand } from '../commands.ts';

/** The rails of a job after a command: what the command leaves out stays as it is. */
export function toSettings(before: GuardRailSettings, command: GuardRailsCommand): GuardRailSettings {
  const given = Object.fromEntries(
    Object.entries({
      window: command.window,
      canary: command.canary,
      breaker: command.breaker,
      budget: command.budget,
      limits: command.limits && { chunksAtOnce: command.limits.chunksAtOnce ?? null },
    }).filter(([, value]) => value !== undefined),
  );
  return { ...noGuardRails, ...before, ...given, deadline: toDeadline(before.deadline, command) };
}

function toDeadline(
  before: GuardRailSettings['deadline'],
  { deadlineMinutes, onDeadline }: GuardRailsCommand,
): GuardRailSettings['deadline'] {
  if (deadlineMinutes === null) return null;
  const minutes = deadlineMinutes ?? before?.minutes;
  return minutes === undefined ? null : { minutes, action: onDeadline ?? before?.action ?? 'FAIL' };
}
