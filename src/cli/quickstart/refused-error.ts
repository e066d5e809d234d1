/** The server understood and said no; its message is for people. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}
