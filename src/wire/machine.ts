// A synchronous push machine: no I/O, no clock. Bytes or values in, whatever is complete out.

export interface Machine<I, O> {
  write(input: I): readonly O[]
  /** The input has ended; what is still owed comes out. Called once. */
  finish(): readonly O[]
}
