import { NotFoundError } from '../domain/errors.ts';

export function unknownTemplate(given: string): NotFoundError {
  const named = JSON.stringify(given.slice(0, 100));
  return new NotFoundError(`There is no template ${named} in this project: \`templates\` lists those that there are.`);
}
