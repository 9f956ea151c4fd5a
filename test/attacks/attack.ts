// What an attack is: what it does to a build, and which lines of the source hold it off.
import type { Build } from './build.ts'

/** One exact text of a source file, and what stands there where the defence is taken away. */
export interface Replacement {
  /** From the root of the project: `src/server/auth.ts`. */
  readonly file: string
  /** Must stand there exactly once. */
  readonly find: string
  readonly put: string
}

export interface Entry {
  /** As in the catalogue: `A001`. */
  readonly id: string
  /** What is tried, in our own words. */
  readonly name: string
  /** Applied together to a copy of the source, on which the attack must get through. */
  readonly weaken: readonly Replacement[]
}

/** Tried on builds that run. */
export interface Attack extends Entry {
  /**
   * Throws an AssertionError where the attack gets through, and resolves where it is held off. Any other error means that it could not be
   * tried, and proves nothing either way.
   */
  readonly run: (build: Build) => Promise<void>
}

/** Tried by tests that stand elsewhere: those whose title bears its number, or that of what they stand in. */
export interface TestedAttack extends Entry {
  /** The file of the tests, from the root of the project. */
  readonly tests: string
}
