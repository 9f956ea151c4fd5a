// What to do after a failed attempt: ask the same target again, with another key, ask another, or give up. Pure.
import type { GatewayError } from '../canonical/errors.ts'
import {
  type FailureClass,
  failureClass,
  isAnswered,
  isOfCredential,
  mayPass,
} from './failure-class.ts'

export type NextStep = 'again' | 'other-key' | 'other' | 'stop'

export interface StepState {
  /** Attempts of this call so far. */
  readonly made: number
  readonly maxAttempts: number
  /** Those at the target that has just failed. */
  readonly madeHere: number
  /** Whether there is a target that has not been asked. */
  readonly hasOther: boolean
  /** Whether the target has a credential that has not been used. */
  readonly hasOtherKey: boolean
  /** How often a credential was refused so far, before this failure. */
  readonly refusals: number
  /** Whether the client tries again by itself: our own repeats would multiply its. */
  readonly clientRepeats: boolean
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
  // Refused twice, it is hardly the keys.
  const mayChange = known !== 'credential' || state.refusals === 0
  if (isOfCredential(error) && state.hasOtherKey && mayChange) return 'other-key'
  if (state.hasOther) return 'other'
  if (state.clientRepeats) return 'stop'
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
