/** A later attempt holds the work: what this one did was rolled back, and it has nothing more to say. */
export class SupersededError extends Error {
  constructor(what: string, attempt: number) {
    super(`Attempt ${attempt} of ${what} was superseded by a later one.`);
  }
}
