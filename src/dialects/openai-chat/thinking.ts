// How much to think, in the words of OpenAI (`reasoning_effort`) and of the hosts that have their own.
import { compact } from '../../canonical/compact.ts'
import { EFFORTS, type Effort, type ReasoningControl } from '../../canonical/request.ts'
import { type JsonObject, type ObjectReader, isArray, isObject } from '../../wire/json.ts'
import { leftovers } from './extension.ts'
import type { Flags } from './flags.ts'

const CONTROLS = ['reasoning_effort', 'reasoning', 'thinking', 'enable_thinking'] as const
type Control = (typeof CONTROLS)[number]

/** Several may be there at once; words that are unknown stay in the reader's rest. */
export function decodeThinking(reader: ObjectReader): ReasoningControl | undefined {
  if (!CONTROLS.some((control) => reader.has(control))) return undefined
  const taken = CONTROLS.flatMap((control) => {
    const said = DECODERS[control](reader)
    return said === undefined ? [] : [{ control, ...said }]
  })
  if (taken.length === 0) return undefined
  const fields = Object.assign({}, ...taken.map((one) => one.fields ?? {}))
  const settings = Object.assign({}, ...taken.toReversed().map((one) => one.says))
  return {
    ...settings,
    ...leftovers.keptFields(fields, {
      controls: taken.map((one) => one.control),
    }),
  }
}

interface Said {
  readonly says: Pick<ReasoningControl, 'mode' | 'effort' | 'budgetTokens' | 'show'>
  readonly fields?: JsonObject
}

const DECODERS: Readonly<Record<Control, (reader: ObjectReader) => Said | undefined>> = {
  reasoning_effort: (reader) => {
    const effort = effortOf(reader.peek('reasoning_effort'))
    if (effort === undefined) return undefined
    reader.value('reasoning_effort')
    return { says: { effort } }
  },
  reasoning: (reader) => {
    if (!isObject(reader.peek('reasoning'))) return undefined
    const inner = reader.object('reasoning')
    const effort = effortOf(inner.peek('effort'))
    if (effort !== undefined) inner.value('effort')
    const enabled = inner.optionalBoolean('enabled')
    const exclude = inner.optionalBoolean('exclude')
    const says = compact({
      effort,
      budgetTokens: inner.optionalNumber('max_tokens'),
      mode: modeOf(enabled),
      show: exclude === undefined ? undefined : shown(exclude),
    })
    const rest = inner.rest()
    return { says, ...compact({ fields: rest === undefined ? undefined : { reasoning: rest } }) }
  },
  thinking: (reader) => {
    const value = reader.peek('thinking')
    if (!isObject(value)) return undefined
    const mode = MODES.find(([word]) => word === value['type'])?.[1]
    if (mode === undefined) return undefined
    const inner = reader.object('thinking')
    inner.value('type')
    const rest = inner.rest()
    return {
      says: { mode },
      ...compact({ fields: rest === undefined ? undefined : { thinking: rest } }),
    }
  },
  enable_thinking: (reader) => {
    const mode = modeOf(reader.optionalBoolean('enable_thinking'))
    return mode === undefined ? undefined : { says: { mode } }
  },
}

const MODES = [
  ['enabled', 'on'],
  ['disabled', 'off'],
  ['adaptive', 'auto'],
] as const

function effortOf(value: unknown): Effort | undefined {
  return EFFORTS.find((effort) => effort === value)
}

function modeOf(enabled: boolean | undefined): 'on' | 'off' | undefined {
  if (enabled === undefined) return undefined
  return enabled ? 'on' : 'off'
}

function shown(exclude: boolean): 'summarized' | 'omitted' {
  return exclude ? 'omitted' : 'summarized'
}

export function encodeThinking(control: ReasoningControl, flags: Flags): JsonObject {
  if (flags.reasoningControl === 'none') return {}
  const spelled = spelledControls(control)
  const wanted = flags.reasoningControl
  const controls = wanted === undefined || isTaken(spelled, wanted) ? spelled : [wanted]
  const used = controls.length === 0 ? ['reasoning_effort' as const] : controls
  const own = Object.assign({}, ...used.map((one) => ENCODERS[one](control, spelled.length > 1)))
  if (spelled === controls) return leftovers.printed(control, own)
  return { ...own, ...effortBeside(wanted, control, flags) }
}

/** Hosts with a `reasoning` object of their own take OpenAI's bare effort as well (OpenRouter, recorded). */
function isTaken(spelled: readonly Control[], wanted: Control): boolean {
  if (spelled.includes(wanted)) return true
  return wanted === 'reasoning' && spelled.length === 1 && spelled[0] === 'reasoning_effort'
}

/** Some hosts take an effort beside the switch. */
function effortBeside(
  wanted: Flags['reasoningControl'],
  { effort }: ReasoningControl,
  flags: Flags,
): JsonObject {
  const said = effort !== undefined && flags.reasoningEfforts?.includes(effort) === true
  return wanted === 'thinking' && said ? { reasoning_effort: effort } : {}
}

function spelledControls(control: ReasoningControl): readonly Control[] {
  const { controls } = leftovers.shapeOf(control)
  return isArray(controls) ? CONTROLS.filter((one) => controls.includes(one)) : []
}

/** `beside`: another control of the request says the rest. */
type Encoder = (control: ReasoningControl, beside: boolean) => JsonObject

const ENCODERS: Readonly<Record<Control, Encoder>> = {
  reasoning_effort: ({ mode, effort }, beside) => {
    const said = effort ?? (mode === 'off' && !beside ? 'none' : undefined)
    return compact({ reasoning_effort: said })
  },
  reasoning: ({ mode, effort, budgetTokens, show }) => ({
    reasoning: compact({
      effort,
      max_tokens: budgetTokens,
      enabled: mode === undefined || mode === 'auto' ? undefined : mode === 'on',
      exclude: show === undefined ? undefined : show === 'omitted',
    }),
  }),
  thinking: ({ mode, effort }) => {
    const meant = mode ?? (effort === 'none' ? 'off' : 'on')
    const type = MODES.find(([, one]) => one === meant)?.[0]
    return { thinking: compact({ type }) }
  },
  enable_thinking: ({ mode, effort }) => ({
    enable_thinking: mode === undefined ? effort !== 'none' : mode !== 'off',
  }),
}
