// What to do after a failed attempt: ask the same target again, ask another, or give up. Pure.
import type { GatewayError } from '../canonical/errors.ts'
import { type FailureClass, failureClass, isAnswered, mayPass } from './failure-class.ts'

export type NextStep = 'again' | 'other' | 'stop'

export interface StepState {
  /** Attempts of this call so far. */
  readonly made: number
  readonly maxAttempts: number
  /** Those at the target that has just failed. */
  readonly madeHere: number
  /** Whether there is a target that has not been asked. */
  readonly hasOther: boolean
  /** False where doing the work twice would leave something behind twice, such as a stored answer. */
  readonly repeatable: boolean
}

/** One target is asked at most twice: what fails twice in a row does not get better by the third time. */
const MOST_HERE = 2

export function nextStep(error: GatewayError, state: StepState): NextStep {
  if (state.made >= state.maxAttempts) return 'stop'
  const known = failureClass(error)
  if (known === 'final') return 'stop'
  if (known === 'uncertain' && !state.repeatable) return 'stop'
  if (state.hasOther) return 'other'
  return mayRepeat(known, error) && state.madeHere < MOST_HERE ? 'again' : 'stop'
}

/** Whether the same target may say something else in a moment. */
function mayRepeat(known: FailureClass, error: GatewayError): boolean {
  switch (known) {
    case 'safe':
      return mayPass(error)
    case 'throttled':
      return true
    case 'uncertain':
      return isAnswered(error)
    case 'gate':
    case 'credential':
    case 'unfit':
    case 'final':
      return false
  }
}
