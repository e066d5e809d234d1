/** The keys of users' tokens cannot be fetched in this moment: the same token may be accepted later. */
export class KeysUnavailableError extends Error {
  constructor(cause: Error | null) {
    super('The keys that tokens are signed with cannot be fetched in this moment. Try again.', { cause });
    this.name = 'KeysUnavailableError';
  }
}
