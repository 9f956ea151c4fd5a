// About how many tokens a chat request is to the model that reads it: pure, asks nobody, and leans upwards.
import type { MediaPart, Part } from '../canonical/part.ts'
import type { ChatRequest, Turn } from '../canonical/request.ts'
import type { Tool } from '../canonical/tool.ts'
import { textTokens } from './text-tokens.ts'

/** Around each message: OpenAI's cookbook "How to count tokens" has three and one for a name. */
const PER_TURN = 4
/** Around the call of a tool. */
export const PER_CALL = 4
/** Before the answer. */
const PRIMING = 3
/** Around each tool, its name and its description. */
const PER_TOOL = 12
/** What vendors tell the model about tools as such; Anthropic's table of tool use has some 300 to 500. */
const TOOLS_AT_ALL = 200

/**
 * What media cost that have to be guessed. An image: Anthropic scales to at most about 1,600 tokens, OpenAI to 1,105 (85 where
 * `detail` is low), Gemini 258 a tile. A page of PDF: 1,500 to 3,000 (Anthropic). Audio: 32 a second and video 263 a second (Gemini).
 */
const IMAGE = 1600
const IMAGE_LOW = 85
const PAGE = 3000
const BYTES_PER_PAGE = 50_000
/** Compressed speech of 128 kbit/s. */
const AUDIO_BYTES_PER_TOKEN = 500
/** Video of 2 Mbit/s. */
const VIDEO_BYTES_PER_TOKEN = 950
/** A file that is only named may hold anything: a minute of sound or film. */
const NAMED_SECONDS = 60

/** How texts are counted. */
export type CountText = (text: string) => number

/** Most requests are asked about more than once. */
const guessed = new WeakMap<ChatRequest, number>()

/** An upper guess, for any target: who can count exactly is to be asked first. */
export function estimateTokens(request: ChatRequest): number {
  const before = guessed.get(request)
  if (before !== undefined) return before
  const tokens = requestTokens(request, textTokens)
  guessed.set(request, tokens)
  return tokens
}

/** The texts of a request by a count, and a guess that leans upwards at all that is no text. */
export function requestTokens(request: ChatRequest, count: CountText): number {
  const { turns, tools = [], output } = request
  let tokens = PRIMING
  for (const turn of turns) tokens += turnTokens(turn, count)
  if (tools.length > 0) tokens += TOOLS_AT_ALL
  for (const tool of tools) tokens += PER_TOOL + toolTokens(tool, count)
  if (output === undefined) return tokens
  const { format, prediction } = output
  if (format?.type === 'json-schema') tokens += PER_TOOL + jsonTokens(format.schema, count)
  return prediction === undefined ? tokens : tokens + partsTokens(prediction, count)
}

/** Whether there is nothing in a request but messages of text, so that a count of it is no guess. */
export function isPlainText({ turns, tools = [], output, extensions }: ChatRequest): boolean {
  return (
    // What only one vendor reads may be a conversation that it keeps.
    extensions === undefined &&
    tools.length === 0 &&
    output?.format?.type !== 'json-schema' &&
    output?.prediction === undefined &&
    turns.every(
      ({ parts, name }) => name === undefined && parts.every((part) => part.type === 'text'),
    )
  )
}

function turnTokens({ parts, name }: Turn, count: CountText): number {
  const named = name === undefined ? 0 : count(name)
  return PER_TURN + named + partsTokens(parts, count)
}

export function partsTokens(parts: readonly Part[], count: CountText = textTokens): number {
  let tokens = 0
  for (const part of parts) tokens += partTokens(part, count)
  return tokens
}

function partTokens(part: Part, count: CountText): number {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return count(part.text)
    case 'reasoning':
      // What is sealed is about as long as what was thought, in base64.
      return part.text === '' ? Math.ceil((part.seal?.payload.length ?? 0) / 4) : count(part.text)
    case 'tool-call':
      return PER_CALL + count(part.name) + count(part.arguments.text)
    case 'tool-result':
      return PER_TURN + partsTokens(part.content, count)
    case 'search-result':
      return count(part.source) + count(part.title) + partsTokens(part.content, count)
    case 'opaque':
      return jsonTokens(part.native, count)
    default:
      return mediaTokens(part, count)
  }
}

function mediaTokens(part: MediaPart, count: CountText): number {
  const { source, title = '', context = '' } = part
  const around = count(title) + count(context)
  if (source.kind === 'text') return around + count(source.text)
  if (source.kind === 'parts') return around + partsTokens(source.parts, count)
  const bytes = source.kind === 'base64' ? Math.ceil(source.data.length * 0.75) : undefined
  switch (part.type) {
    case 'image':
      return around + (part.detail === 'low' ? IMAGE_LOW : IMAGE)
    case 'file':
      return around + PAGE * Math.max(1, Math.ceil((bytes ?? 0) / BYTES_PER_PAGE))
    case 'audio':
      return (
        around +
        (bytes === undefined ? 32 * NAMED_SECONDS : Math.ceil(bytes / AUDIO_BYTES_PER_TOKEN))
      )
    case 'video':
      return (
        around +
        (bytes === undefined ? 263 * NAMED_SECONDS : Math.ceil(bytes / VIDEO_BYTES_PER_TOKEN))
      )
  }
}

function toolTokens(tool: Tool, count: CountText): number {
  switch (tool.kind) {
    case 'function':
      return (
        count(tool.name) + count(tool.description ?? '') + jsonTokens(tool.parameters ?? {}, count)
      )
    case 'custom':
      return count(tool.name) + count(tool.description ?? '') + count(tool.format?.definition ?? '')
    case 'native':
      return jsonTokens(tool.native, count)
  }
}

function jsonTokens(value: unknown, count: CountText): number {
  return count(JSON.stringify(value) ?? '')
}
