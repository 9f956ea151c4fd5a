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

export interface Attack {
  /** As in the catalogue: `A001`. */
  readonly id: string
  /** What is tried, in our own words. */
  readonly name: string
  /**
   * Throws an AssertionError where the attack gets through, and resolves where it is held off. Any other error means that it could not be
   * tried, and proves nothing either way.
   */
  readonly run: (build: Build) => Promise<void>
  /** Applied together to a copy of the source, on which the attack must get through. */
  readonly weaken: readonly Replacement[]
}
