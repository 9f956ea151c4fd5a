// `options`: the sampling settings the model has words for; runner settings such as num_ctx stay leftovers.
import { compact } from '../../canonical/compact.ts'
import type { ChatRequest, Sampling } from '../../canonical/request.ts'
import { type Json, type JsonObject, type ObjectReader, isObject } from '../../wire/json.ts'

export interface ReadOptions {
  readonly sampling: Sampling
  readonly maxOutputTokens?: number
  /** What nobody has a word for, under `options` as it was; undefined when nothing is left. */
  readonly rest?: JsonObject
}

const NUMBERS: Readonly<Record<string, keyof Sampling>> = {
  temperature: 'temperature',
  top_p: 'topP',
  top_k: 'topK',
  min_p: 'minP',
  presence_penalty: 'presencePenalty',
  frequency_penalty: 'frequencyPenalty',
  repeat_penalty: 'repeatPenalty',
}

/** A seed of -1 (random) and a num_predict below 1 (no limit) are Ollama's own words: they stay leftovers. */
export function readOptions(reader: ObjectReader): ReadOptions {
  const options = reader.optionalObject('options')
  if (options === undefined) return { sampling: {} }
  const numbers = Object.entries(NUMBERS).map(([key, name]) => [name, options.optionalNumber(key)])
  const stop = options.optionalStrings('stop')
  if (stop?.length === 0) options.leave('stop')
  const sampling: Sampling = {
    ...compact(Object.fromEntries(numbers)),
    ...compact({
      seed: atLeast(options, 'seed', 0),
      stop: stop?.length === 0 ? undefined : stop,
    }),
  }
  const maxOutputTokens = atLeast(options, 'num_predict', 1)
  const rest = options.rest()
  const empty = Object.keys(options.source).length === 0
  return { sampling, ...compact({ maxOutputTokens, rest: empty ? {} : rest }) }
}

function atLeast(options: ObjectReader, key: string, least: number): number | undefined {
  const value = options.optionalNumber(key)
  if (value === undefined || value >= least) return value
  options.leave(key)
  return undefined
}

/** `rest` is what `readOptions` left over. Undefined when there is nothing to say. */
export function printOptions(request: ChatRequest, rest: Json | undefined): Json | undefined {
  const { sampling, maxOutputTokens } = request
  const known = compact({
    ...Object.fromEntries(Object.entries(NUMBERS).map(([key, name]) => [key, sampling[name]])),
    seed: sampling.seed,
    stop: sampling.stop,
    num_predict: maxOutputTokens,
  })
  if (Object.keys(known).length === 0) return rest
  return { ...(isObject(rest) ? rest : {}), ...known }
}
