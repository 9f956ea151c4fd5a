// The counts and durations of a done line: tokens, and nanoseconds where the model has milliseconds.
import { compact } from '../../canonical/compact.ts'
import type { Usage } from '../../canonical/usage.ts'
import { type JsonObject, type ObjectReader, isObject } from '../../wire/json.ts'
import { DIALECT } from './wire-types.ts'

const NANOSECONDS = 1e6
const KEYS = [
  'total_duration',
  'load_duration',
  'prompt_eval_count',
  'prompt_eval_duration',
  'eval_count',
  'eval_duration',
] as const

/** Undefined where the line says nothing. A count that is missing stays unknown: servers omit what they read from their cache. */
export function readUsage(reader: ObjectReader): Usage | undefined {
  const raw = compact(Object.fromEntries(KEYS.map((key) => [key, reader.optionalNumber(key)])))
  if (Object.keys(raw).length === 0) return undefined
  const milliseconds = (key: (typeof KEYS)[number]): number | undefined => {
    const nanoseconds = raw[key]
    return nanoseconds === undefined ? undefined : nanoseconds / NANOSECONDS
  }
  const timing = compact({
    totalMs: milliseconds('total_duration'),
    loadMs: milliseconds('load_duration'),
    promptMs: milliseconds('prompt_eval_duration'),
    outputMs: milliseconds('eval_duration'),
  })
  const input = raw['prompt_eval_count']
  const output = raw['eval_count']
  return {
    ...(input === undefined ? {} : { input: { total: input } }),
    ...(output === undefined ? {} : { output: { total: output } }),
    ...(Object.keys(timing).length === 0 ? {} : { timing }),
    raw: { dialect: DIALECT, value: raw },
  }
}

/** Ollama's own numbers as they came; from others what is known. `elapsedMs` stands in for a total nobody measured. */
export function printUsage(usage: Usage | undefined, elapsedMs?: number): JsonObject {
  const { timing, raw } = usage ?? {}
  const own = raw?.dialect === DIALECT && isObject(raw.value) ? raw.value : {}
  return compact({
    total_duration: nanosecondsOf(timing?.totalMs ?? elapsedMs),
    load_duration: nanosecondsOf(timing?.loadMs),
    prompt_eval_duration: nanosecondsOf(timing?.promptMs),
    eval_duration: nanosecondsOf(timing?.outputMs),
    ...own,
    prompt_eval_count: usage?.input?.total,
    eval_count: usage?.output?.total,
  })
}

function nanosecondsOf(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : Math.round(milliseconds * NANOSECONDS)
}
