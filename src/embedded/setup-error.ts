/** Something on this machine stands in the way. The message says what it is and how to go on; it is shown without a stack. */
export class SetupError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'SetupError';
  }
}
