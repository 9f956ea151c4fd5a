// Temperature and its kin: newer models refuse them, and so does thinking with a budget.
import type { Note } from '../../canonical/note.ts'
import type { ChatRequest, Sampling } from '../../canonical/request.ts'
import type { Pass } from '../lowering/pass.ts'
import { omit } from '../lowering/rewrite.ts'
import type { MessageFlags } from './flags.ts'
import { DIALECT } from './wire-types.ts'

type Setting = 'temperature' | 'topP' | 'topK'

const FEATURES: Readonly<Record<Setting, string>> = {
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
}

/** Drops what the model or its thinking refuses; values that ask for nothing may stay. */
export function tuning(flags: Pick<MessageFlags, 'sampling'>): Pass {
  return (request) => {
    const reason = reasonToRefuse(request, flags)
    const refused =
      reason === undefined ? together(request.sampling, flags) : refusedBy(request.sampling, reason)
    if (refused.length === 0) return { value: request, notes: [] }
    const notes = refused.map((key): Note => ({
      action: 'dropped',
      feature: FEATURES[key],
      path: `sampling.${key}`,
      weight: 2,
      reason: reason?.words ?? 'the model takes a temperature or top_p, not both',
      ...(request.sampling[key] === undefined ? {} : { from: request.sampling[key] }),
    }))
    return { value: { ...request, sampling: omit(request.sampling, refused) }, notes }
  }
}

interface Reason {
  readonly words: string
  readonly leastTopP: number
}

function reasonToRefuse(
  { origin, reasoning }: ChatRequest,
  flags: Pick<MessageFlags, 'sampling'>,
): Reason | undefined {
  if (flags.sampling === 'rejected') {
    return { words: 'the model takes no sampling settings', leastTopP: 0.99 }
  }
  // What a client of this wire combines is between it and the model.
  if (reasoning?.mode !== 'on' || origin.dialect === DIALECT) return undefined
  return { words: 'the model cannot think under such a setting', leastTopP: 0.95 }
}

function refusedBy({ temperature, topP, topK }: Sampling, { leastTopP }: Reason): Setting[] {
  const refused: Setting[] = []
  if (temperature !== undefined && temperature !== 1) refused.push('temperature')
  if (topP !== undefined && topP < leastTopP) refused.push('topP')
  if (topK !== undefined) refused.push('topK')
  return refused
}

function together(
  { temperature, topP }: Sampling,
  { sampling }: Pick<MessageFlags, 'sampling'>,
): Setting[] {
  return sampling === 'one' && temperature !== undefined && topP !== undefined ? ['topP'] : []
}
