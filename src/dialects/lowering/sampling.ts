// Sampling settings that a target does not have, or takes in a narrower range.
import { compact } from '../../canonical/compact.ts'
import type { Note, NoteWeight } from '../../canonical/note.ts'
import type { Sampling } from '../../canonical/request.ts'
import { type Json, equalJson } from '../../wire/json.ts'
import type { Pass } from './pass.ts'
import { omit } from './rewrite.ts'

export interface SamplingRules {
  readonly supported: readonly (keyof Sampling)[]
  readonly temperatureMax?: number
  /** How many stop strings the target takes. */
  readonly stopMax?: number
}

interface Setting {
  /** Its name on most wires. */
  readonly feature: string
  readonly weight: NoteWeight
  /** The value that asks for nothing: its loss needs no note. */
  readonly neutral?: Json
}

const SETTINGS: Readonly<Record<keyof Sampling, Setting>> = {
  temperature: { feature: 'temperature', weight: 2 },
  topP: { feature: 'top_p', weight: 2, neutral: 1 },
  topK: { feature: 'top_k', weight: 2 },
  minP: { feature: 'min_p', weight: 2, neutral: 0 },
  seed: { feature: 'seed', weight: 2 },
  n: { feature: 'n', weight: 3, neutral: 1 },
  presencePenalty: { feature: 'presence_penalty', weight: 2, neutral: 0 },
  frequencyPenalty: { feature: 'frequency_penalty', weight: 2, neutral: 0 },
  repeatPenalty: { feature: 'repeat_penalty', weight: 2, neutral: 1 },
  stop: { feature: 'stop', weight: 3, neutral: [] },
  logitBias: { feature: 'logit_bias', weight: 2, neutral: {} },
  logprobs: { feature: 'logprobs', weight: 2, neutral: false },
  topLogprobs: { feature: 'top_logprobs', weight: 2, neutral: 0 },
}

const KEYS: readonly (keyof Sampling)[] = Object.keys(SETTINGS).filter(isKey)

function isKey(key: string): key is keyof Sampling {
  return Object.hasOwn(SETTINGS, key)
}

/** Drops what is not supported, cuts stop strings to their number, clamps the temperature. */
export function sampling(rules: SamplingRules): Pass {
  return (request) => {
    const notes: Note[] = []
    const supported = withoutUnsupported(request.sampling, rules.supported, notes)
    const value = clamped(supported, rules, notes)
    return { value: value === request.sampling ? request : { ...request, sampling: value }, notes }
  }
}

function withoutUnsupported(
  sampling: Sampling,
  supported: readonly (keyof Sampling)[],
  notes: Note[],
): Sampling {
  const gone = KEYS.filter((key) => sampling[key] !== undefined && !supported.includes(key))
  if (gone.length === 0) return sampling
  for (const key of gone) {
    const { feature, weight, neutral } = SETTINGS[key]
    if (equalJson(sampling[key], neutral)) continue
    notes.push({
      action: 'dropped',
      feature,
      path: `sampling.${key}`,
      weight,
      reason: 'the target has no such setting',
      ...compact({ from: sampling[key] }),
    })
  }
  return omit(sampling, gone)
}

function clamped(sampling: Sampling, rules: SamplingRules, notes: Note[]): Sampling {
  const { temperature, stop } = sampling
  let value = sampling
  const { temperatureMax, stopMax } = rules
  if (temperature !== undefined && temperatureMax !== undefined && temperature > temperatureMax) {
    value = { ...value, temperature: temperatureMax }
    notes.push({
      action: 'clamped',
      feature: 'temperature',
      path: 'sampling.temperature',
      weight: 2,
      reason: `the target takes a temperature up to ${temperatureMax}`,
      from: temperature,
      to: temperatureMax,
    })
  }
  if (stop !== undefined && stopMax !== undefined && stop.length > stopMax) {
    value = { ...value, stop: stop.slice(0, stopMax) }
    notes.push({
      action: 'clamped',
      feature: 'stop',
      path: 'sampling.stop',
      weight: 3,
      reason: `the target takes ${stopMax} stop strings`,
      from: stop.length,
      to: stopMax,
    })
  }
  return value
}
