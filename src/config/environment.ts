/** Variables by their names. */
export type Environment = Record<string, string | undefined>;

/** That of this process: nothing else reads it. */
export const environment: Environment = process.env;

/** The environment of a child process: ours, with some variables set. */
export function environmentWith(variables: Environment): Environment {
  return { ...environment, ...variables };
}
