// `usageMetadata`: here thoughts stand beside the answer's tokens; in the model they are part of them.
import { compact } from '../../canonical/compact.ts'
import type { InputUsage, OutputUsage, Usage } from '../../canonical/usage.ts'
import { type Json, type JsonObject, isArray, isObject } from '../../wire/json.ts'
import { GEMINI } from './wire-types.ts'

/** Lenient: a count that is no number is unknown; the vendor leaves out what is 0. */
export function decodeUsage(value: Json | undefined): Usage | undefined {
  if (!isObject(value)) return undefined
  const tier = value['serviceTier']
  return compact({
    input: unlessEmpty(readInput(value)),
    output: unlessEmpty(readOutput(value)),
    total: count(value['totalTokenCount']),
    tier: typeof tier === 'string' ? tier : undefined,
    raw: { dialect: GEMINI, value },
  })
}

/** What the vendor's own tools have read is billed as input, beside the prompt. */
function readInput(value: JsonObject): InputUsage {
  const prompt = count(value['promptTokenCount'])
  const tools = count(value['toolUsePromptTokenCount'])
  return compact({
    total: sum(prompt, tools),
    cacheRead: count(value['cachedContentTokenCount']),
    ...readDetails(value['promptTokensDetails']),
  })
}

function readOutput(value: JsonObject): OutputUsage {
  const reasoning = count(value['thoughtsTokenCount'])
  return compact({
    total: sum(count(value['candidatesTokenCount']), reasoning),
    reasoning,
    ...readDetails(value['candidatesTokensDetails']),
  })
}

const MODALITIES: ReadonlyMap<Json | undefined, 'text' | 'image' | 'audio'> = new Map([
  ['TEXT', 'text'],
  ['IMAGE', 'image'],
  ['AUDIO', 'audio'],
])

function readDetails(value: Json | undefined): Pick<InputUsage, 'text' | 'image' | 'audio'> {
  const details = isArray(value) ? value.filter((detail) => isObject(detail)) : []
  return Object.fromEntries(
    details.flatMap((detail) => {
      const modality = MODALITIES.get(detail['modality'])
      const tokens = count(detail['tokenCount'])
      return modality === undefined || tokens === undefined ? [] : [[modality, tokens]]
    }),
  )
}

/** Undefined where nothing is known by modality. */
function printDetails(counts: Pick<InputUsage, 'text' | 'image' | 'audio'> = {}): Json | undefined {
  const details = [...MODALITIES].flatMap(([modality, key]) => {
    const tokenCount = counts[key]
    return modality === undefined || tokenCount === undefined ? [] : [{ modality, tokenCount }]
  })
  return details.length === 0 ? undefined : details
}

function count(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

/** Unknown only where both are. */
function sum(left: number | undefined, right: number | undefined): number | undefined {
  return left === undefined && right === undefined ? undefined : (left ?? 0) + (right ?? 0)
}

function unlessEmpty<T extends object>(value: T): T | undefined {
  return Object.keys(value).length === 0 ? undefined : value
}

/** The vendor's own object is printed as it came. */
export function encodeUsage(usage: Usage | undefined): JsonObject | undefined {
  if (usage === undefined) return undefined
  const raw = usage.raw?.dialect === GEMINI ? usage.raw.value : undefined
  if (isObject(raw)) return raw
  const { input, output } = usage
  // Both together are what was written, also where a host counts thoughts in other tokens and finds more of them.
  const thoughts = Math.min(output?.reasoning ?? 0, output?.total ?? Infinity)
  const visible = output?.total === undefined ? undefined : output.total - thoughts
  return compact({
    promptTokenCount: input?.total,
    cachedContentTokenCount: input?.cacheRead,
    candidatesTokenCount: visible,
    thoughtsTokenCount: output?.reasoning === undefined ? undefined : thoughts,
    promptTokensDetails: printDetails(input),
    candidatesTokensDetails: printDetails(output),
    totalTokenCount: usage.total ?? sum(input?.total, output?.total),
  })
}
