// The library's plain way to ask: messages and options, to and from the canonical request.
import { compact } from '../canonical/compact.ts'
import type { Policy } from '../canonical/note.ts'
import { type Part, type ToolArguments, textOf } from '../canonical/part.ts'
import type {
  ChatRequest,
  OutputFormat,
  ReasoningControl,
  Role,
  Turn,
} from '../canonical/request.ts'
import type { Tool, ToolChoice } from '../canonical/tool.ts'
import { type Json, tryParseJson } from '../wire/json.ts'

/** A call the model wants made. `arguments` is JSON text as the model wrote it. */
export interface ToolCall {
  readonly id: string
  readonly name: string
  readonly arguments: string
  /** The arguments parsed, when they are JSON. */
  readonly json?: Json
}

export interface ChatMessage {
  readonly role: Role
  readonly content: string | readonly Part[]
  readonly name?: string
  /** Role `tool`: which call this answers. */
  readonly toolCallId?: string
  /** Role `assistant`: the calls it made. */
  readonly toolCalls?: readonly ToolCall[]
}

export interface ChatOptions {
  readonly systemPrompt?: string
  readonly temperature?: number
  readonly topP?: number
  readonly topK?: number
  readonly seed?: number
  readonly stop?: readonly string[]
  readonly presencePenalty?: number
  readonly frequencyPenalty?: number
  /** The longest answer, in tokens. */
  readonly maxTokens?: number
  readonly tools?: readonly Tool[]
  readonly toolChoice?: ToolChoice
  readonly parallelToolCalls?: boolean
  readonly responseFormat?: OutputFormat
  readonly reasoning?: ReasoningControl
  /** The end user, for the provider's abuse checks. */
  readonly user?: string
  /** Which losses of a translation pass; see the notes of the answer. */
  readonly policy?: Policy
  /** Aborting it cancels the upstream. */
  readonly signal?: AbortSignal
}

/** What `origin.dialect` says of requests made by the library: no wire protocol of that name exists. */
const LIBRARY = 'library'

export function toChatRequest(
  messages: readonly ChatMessage[],
  model: string,
  options: ChatOptions = {},
): ChatRequest {
  const system: readonly Turn[] =
    options.systemPrompt === undefined
      ? []
      : [{ role: 'system', place: 'top', parts: [{ type: 'text', text: options.systemPrompt }] }]
  return compact({
    origin: { dialect: LIBRARY },
    model,
    turns: [...system, ...messages.map((message) => toTurn(message))],
    tools: options.tools,
    toolChoice: options.toolChoice,
    parallelToolCalls: options.parallelToolCalls,
    sampling: compact({
      temperature: options.temperature,
      topP: options.topP,
      topK: options.topK,
      seed: options.seed,
      stop: options.stop,
      presencePenalty: options.presencePenalty,
      frequencyPenalty: options.frequencyPenalty,
    }),
    maxOutputTokens: options.maxTokens,
    output: options.responseFormat === undefined ? undefined : { format: options.responseFormat },
    reasoning: options.reasoning,
    stream: { enabled: false },
    identity: options.user === undefined ? undefined : { user: options.user },
  })
}

/** The way back, for providers that know only messages. */
export function fromChatRequest(request: ChatRequest): {
  readonly messages: readonly ChatMessage[]
  readonly options: ChatOptions
} {
  const { temperature, topP, topK, seed, stop, presencePenalty, frequencyPenalty } =
    request.sampling
  return {
    messages: request.turns.flatMap((turn) => fromTurn(turn)),
    options: compact({
      temperature,
      topP,
      topK,
      seed,
      stop,
      presencePenalty,
      frequencyPenalty,
      maxTokens: request.maxOutputTokens,
      tools: request.tools,
      toolChoice: request.toolChoice,
      parallelToolCalls: request.parallelToolCalls,
      responseFormat: request.output?.format,
      reasoning: request.reasoning,
      user: request.identity?.user,
    }),
  }
}

function toTurn(message: ChatMessage): Turn {
  const content: readonly Part[] =
    typeof message.content !== 'string'
      ? message.content
      : message.content === ''
        ? []
        : [{ type: 'text', text: message.content }]
  const calls = (message.toolCalls ?? []).map((call) => toolCallPart(call))
  const parts: readonly Part[] =
    message.toolCallId === undefined
      ? [...content, ...calls]
      : [
          compact({
            type: 'tool-result' as const,
            callId: message.toolCallId,
            name: message.name,
            content,
          }),
        ]
  return compact({
    role: message.role,
    parts,
    name: message.toolCallId === undefined ? message.name : undefined,
  })
}

function toolCallPart(call: ToolCall): Part {
  const json = call.json ?? tryParseJson(call.arguments)
  const toolArguments: ToolArguments = compact({ text: call.arguments, json })
  return {
    type: 'tool-call',
    kind: 'function',
    callId: call.id,
    name: call.name,
    arguments: toolArguments,
  }
}

function fromTurn(turn: Turn): readonly ChatMessage[] {
  const results = turn.parts.flatMap((part) =>
    part.type === 'tool-result'
      ? [
          compact({
            role: 'tool' as const,
            content: plain(part.content),
            toolCallId: part.callId,
            name: part.name,
          }),
        ]
      : [],
  )
  const toolCalls = toolCallsOf(turn.parts)
  const content = turn.parts.filter(
    (part) => part.type !== 'tool-result' && part.type !== 'tool-call',
  )
  if (content.length === 0 && toolCalls.length === 0 && results.length > 0) return results
  const message = compact({
    role: turn.role,
    content: plain(content),
    name: turn.name,
    toolCalls: toolCalls.length === 0 ? undefined : toolCalls,
  })
  return [...results, message]
}

/** The text of a message; empty for none. Images and other parts are left out. */
export function messageText(message: ChatMessage | undefined): string {
  const content = message?.content ?? ''
  return typeof content === 'string' ? content : textOf(content)
}

/** The tool calls among some parts, in order. */
export function toolCallsOf(parts: readonly Part[]): readonly ToolCall[] {
  return parts.flatMap((part) =>
    part.type === 'tool-call'
      ? [
          compact({
            id: part.callId,
            name: part.name,
            arguments: part.arguments.text,
            json: part.arguments.json,
          }),
        ]
      : [],
  )
}

function plain(parts: readonly Part[]): string | readonly Part[] {
  return parts.every((part) => part.type === 'text') ? textOf(parts) : parts
}
