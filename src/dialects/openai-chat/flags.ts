// The deviations of compatible hosts, as data: what a profile may declare, and what OpenAI itself does.
import { type Json, type JsonObject, isArray } from '../../wire/json.ts'
import type { HostedKind } from '../../canonical/tool.ts'
import type { Profile } from '../dialect.ts'
import { perProfile } from '../per-profile.ts'
import { hostedKinds } from '../lowering/hosted-tools.ts'

/** A flag that is absent leaves a chat client's own spelling as it came; what comes from other dialects is then said as OpenAI takes it. */
export interface Flags {
  /** Where the output limit goes. Absent: as the client spelled it, else `max_completion_tokens`. */
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens' | undefined
  /** The host knows the role `developer`; else such turns become `system`. Default true. */
  readonly developerRole: boolean
  /** Text may come as an array of parts; else text-only content is joined to one string. Default true. */
  readonly contentArrays: boolean
  /** Content may be null or missing beside tool calls; else it is an empty string. Default true. */
  readonly nullContent: boolean
  /** User and assistant must take turns, as a few hosts' templates have it; neighbours of one role are merged. Default false. */
  readonly alternateTurns: boolean
  /** `response_format: json_schema`; else the schema becomes `json_object`. Default true. */
  readonly jsonSchema: boolean
  /** `response_format: json_object`. Default true. */
  readonly jsonObject: boolean
  /** `parallel_tool_calls`. Default true. */
  readonly parallelToolCalls: boolean
  /** `tool_choice: "none"`; else no tools are sent. Default true. */
  readonly toolChoiceNone: boolean
  /** `tool_choice: "required"`. Default true. */
  readonly toolChoiceRequired: boolean
  /** `tool_choice` that names one function. Default true. */
  readonly toolChoiceNamed: boolean
  /** `tool_choice: {type: "allowed_tools"}`. Default true. */
  readonly toolChoiceAllowed: boolean
  /** `strict` on tools. Default true. */
  readonly strictTools: boolean
  /** Tools of type `custom`; else they become functions with one string. Default true. */
  readonly customTools: boolean
  /** The deprecated `functions` and `function_call`; else they are sent as tools. Default true. */
  readonly legacyFunctions: boolean
  /**
   * How the host is asked for usage in a stream: `include_usage` sets `stream_options.include_usage` always, `always` means
   * it comes unasked, `none` leaves `stream_options` out. Absent: asked for, unless a chat client left it out itself.
   */
  readonly streamUsage: 'include_usage' | 'always' | 'none' | undefined
  /** Where an assistant turn's own thinking goes back. Absent: as the client spelled it, else `reasoning_content`. */
  readonly reasoningField: 'reasoning_content' | 'reasoning' | undefined
  /** Which assistant turns carry their thinking back: `tool-loop` is those after the last user turn. Absent: a chat client's as they came, others `never`. Where it is not `never`, turns with calls always have the field. */
  readonly reasoningReplay: 'never' | 'always' | 'tool-loop' | undefined
  /** How the host is told how much to think; `none` when it cannot be told. Absent: as the client spelled it, else `reasoning_effort`. */
  readonly reasoningControl:
    | 'reasoning_effort'
    | 'reasoning'
    | 'thinking'
    | 'enable_thinking'
    | 'none'
    | undefined
  /** The words the host takes for `reasoning_effort`. Absent: all; with `thinking`, none: where they are given, they go beside the switch. */
  readonly reasoningEfforts: readonly string[] | undefined
  /** How cache marks are written: `cache_control` or `prompt_cache_breakpoint`. Absent: as the client spelled them, others dropped. */
  readonly cacheMarks: 'cache_control' | 'prompt_cache_breakpoint' | 'none' | undefined
  /** The host fetches `http(s)` image addresses; else images must come as data. Default true. */
  readonly imageUrls: boolean
  /** The host reads images at all. Default true. */
  readonly images: boolean
  /** Tool messages may hold images and files. Absent: a chat client's as they came, others' move to a user message; false moves all. */
  readonly toolResultMedia: boolean | undefined
  /** `nine`: ids of tool calls must be nine letters and digits, as the templates of Mistral's models have it. Default `any`. */
  readonly toolIds: 'any' | 'nine'
  /** The highest temperature the host takes. Default 2 for other dialects' requests; a chat client's is left alone unless this is set. */
  readonly temperatureMax: number | undefined
  /** How many stop strings. Default 4 for other dialects' requests; a chat client's are left alone unless this is set. */
  readonly stopMax: number | undefined
  /** Settings beyond OpenAI's own that the host takes: `top_k`, `min_p`, `repetition_penalty`. */
  readonly extraSampling: readonly string[]
  /** Top-level fields that the host refuses, by their wire names; they are dropped with a note. */
  readonly unsupportedFields: readonly string[]
  /** Those of them that it refuses only while it is asked to reason. */
  readonly refusedWhileReasoning: readonly string[]
  /** `completion_tokens` leaves thinking out, while `total_tokens` counts it: output is then total less prompt. Default false. */
  readonly outputFromTotal: boolean
  /** Which tools that the host runs others' requests may have: only `web_search_options` is said. Default none, but for the models that are named for searching. */
  readonly hostedTools: readonly HostedKind[]
}

export const flagsOf: (profile: Profile) => Flags = perProfile(readFlagsOf)

function readFlagsOf(profile: Profile): Flags {
  const { flags } = profile
  return {
    maxTokensField: oneOf(flags, 'maxTokensField', ['max_tokens', 'max_completion_tokens']),
    developerRole: isOn(flags, 'developerRole'),
    contentArrays: isOn(flags, 'contentArrays'),
    nullContent: isOn(flags, 'nullContent'),
    alternateTurns: flags['alternateTurns'] === true,
    jsonSchema: isOn(flags, 'jsonSchema'),
    jsonObject: isOn(flags, 'jsonObject'),
    parallelToolCalls: isOn(flags, 'parallelToolCalls'),
    toolChoiceNone: isOn(flags, 'toolChoiceNone'),
    toolChoiceRequired: isOn(flags, 'toolChoiceRequired'),
    toolChoiceNamed: isOn(flags, 'toolChoiceNamed'),
    toolChoiceAllowed: isOn(flags, 'toolChoiceAllowed'),
    strictTools: isOn(flags, 'strictTools'),
    customTools: isOn(flags, 'customTools'),
    legacyFunctions: isOn(flags, 'legacyFunctions'),
    streamUsage: oneOf(flags, 'streamUsage', ['include_usage', 'always', 'none']),
    reasoningField: oneOf(flags, 'reasoningField', ['reasoning_content', 'reasoning']),
    reasoningReplay: oneOf(flags, 'reasoningReplay', ['never', 'always', 'tool-loop']),
    reasoningControl: oneOf(flags, 'reasoningControl', [
      'reasoning_effort',
      'reasoning',
      'thinking',
      'enable_thinking',
      'none',
    ]),
    reasoningEfforts: strings(flags['reasoningEfforts']),
    cacheMarks: oneOf(flags, 'cacheMarks', ['cache_control', 'prompt_cache_breakpoint', 'none']),
    imageUrls: isOn(flags, 'imageUrls'),
    images: isOn(flags, 'images'),
    toolResultMedia: booleanOf(flags['toolResultMedia']),
    toolIds: oneOf(flags, 'toolIds', ['any', 'nine']) ?? 'any',
    temperatureMax: numberOf(flags['temperatureMax']),
    stopMax: numberOf(flags['stopMax']),
    extraSampling: strings(flags['extraSampling']) ?? [],
    unsupportedFields: strings(flags['unsupportedFields']) ?? [],
    refusedWhileReasoning: strings(flags['refusedWhileReasoning']) ?? [],
    outputFromTotal: flags['outputFromTotal'] === true,
    hostedTools: hostedKinds(profile, searches(profile) ? ['web-search', 'web-fetch'] : []),
  }
}

/** OpenAI's models that search say so in their names; no other takes the options. */
function searches({ model = '' }: Profile): boolean {
  return /-search-(?:preview|api)/.test(model)
}

function isOn(flags: JsonObject, name: string): boolean {
  return flags[name] !== false
}

function oneOf<const W extends string>(
  flags: JsonObject,
  name: string,
  words: readonly W[],
): W | undefined {
  return words.find((word) => word === flags[name])
}

function booleanOf(value: Json | undefined): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined
}

function numberOf(value: Json | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined
}

function strings(value: Json | undefined): readonly string[] | undefined {
  return isArray(value) ? value.filter((item) => typeof item === 'string') : undefined
}
