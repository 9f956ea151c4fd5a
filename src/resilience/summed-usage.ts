// What an answer of two attempts has used: the sum, of what is known and what must be guessed.
import { compact } from '../canonical/compact.ts'
import type { Usage } from '../canonical/usage.ts'

/** What a broken attempt used at the least: its provider's counts, or a guess where it gave none. */
export interface Spent {
  readonly input: number
  readonly output: number
}

/** The parts of the sum are the second attempt's alone, the totals are both's. */
export function summedUsage(spent: Spent, usage: Usage): Usage {
  const input = usage.input?.total
  const output = usage.output?.total
  return {
    ...usage,
    ...compact({
      input: input === undefined ? undefined : { ...usage.input, total: input + spent.input },
      output: output === undefined ? undefined : { ...usage.output, total: output + spent.output },
      total: usage.total === undefined ? undefined : usage.total + spent.input + spent.output,
    }),
  }
}
