import { InvalidInputError, type InputIssue } from '../domain/errors.ts';

/** STRICT validation found bad rows; `issues` are the first of them, each with its row and field. */
export class SourceRefusedError extends InvalidInputError {
  constructor(issues: readonly InputIssue[], isComplete: boolean) {
    const count = isComplete ? String(issues.length) : `At least ${issues.length}`;
    const noun = issues.length === 1 ? 'problem' : 'problems';
    super(`${count} ${noun} in the source, and STRICT validation takes none: nothing was run.`, issues);
  }
}
