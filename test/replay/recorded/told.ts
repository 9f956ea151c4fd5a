// What a recording tells, in no protocol's words, read without our decoders: this is what every client must see.
import { type Json, isArray, isObject, tryParseJson } from '../../../src/wire/json.ts'
import { messagesHeard } from '../../second-opinion/anthropic-messages.ts'
import { generateHeard } from '../../second-opinion/gemini.ts'
import { type Heard, listAt, objectAt, objectsIn, textAt } from '../../second-opinion/heard.ts'
import { ollamaHeard } from '../../second-opinion/ollama.ts'
import { chatHeard } from '../../second-opinion/openai-chat.ts'
import { responsesHeard } from '../../second-opinion/openai-responses.ts'
import { type Ending, endingIn, endingOf } from './ending.ts'
import type { Recording } from './recording.ts'

export interface Answer {
  readonly text: string
  readonly thinking: string
  readonly refusal: string
  readonly calls: readonly { readonly name: string; readonly input: Json }[]
  readonly ending: Ending
  /** Undefined where the recording counts nothing. */
  readonly usage: {
    readonly input: number | undefined
    readonly output: number | undefined
    readonly cached: number | undefined
  }
  /** The words of what is heard and not read. */
  readonly sound: string
  /** What only its maker can read, and wants back: one of each. */
  readonly seals: readonly (readonly string[])[]
  /** As it stands in the host's own spelling. */
  readonly own: {
    readonly finish: string | undefined
    /** Whether that word alone says how it ended. */
    readonly isItsEnding: boolean
    readonly output: number | undefined
  }
}

/** `busy` has a status of its own in each protocol. */
export type Status = number | 'busy'

/** `refused` before anything was said, or `broke` off. Words are undefined where they speak of the gateway's own key. */
export type Told =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'refused'; readonly status: Status; readonly words: string | undefined }
  | { readonly kind: 'broke'; readonly words: string | undefined }

const HEARERS: Readonly<Record<string, (bytes: string) => Heard>> = {
  'openai-chat': chatHeard,
  'openai-responses': responsesHeard,
  'anthropic-messages': messagesHeard,
  gemini: generateHeard,
  'mistral-chat': chatHeard,
  ollama: ollamaHeard,
}

export function toldBy(one: Recording): Told {
  const bytes =
    one.stream === undefined ? (one.responseText ?? '') : new TextDecoder().decode(one.stream)
  if (one.status !== 200) return refusalOf(one.status, bytes)
  const broken = failureIn(bytes)
  if (broken !== undefined) return broken
  const heard = HEARERS[one.protocol]?.(bytes)
  if (heard === undefined) throw new Error(`nobody hears ${one.protocol}`)
  return { kind: 'answered', answer: answerOf(one, heard, bytes) }
}

function answerOf({ protocol, host }: Recording, heard: Heard, bytes: string): Answer {
  const { text, thoughts: thinking, refusal, input, output, cached } = heard
  const beside = protocol === 'openai-chat' && THINKING_BESIDE.has(host ?? '')
  const ending = endingOf(protocol, heard, bytes)
  return {
    text,
    thinking,
    refusal,
    calls: heard.calls.map((line) => callIn(line)),
    ending,
    usage: { input, output: beside ? besideOf(bytes, heard) : output, cached },
    sound: soundIn(bytes),
    seals: sealsIn(bytes),
    own: {
      finish: heard.finish,
      isItsEnding: endingIn(protocol, heard, bytes) === ending,
      output,
    },
  }
}

function callIn(line: string): Answer['calls'][number] {
  const space = line.indexOf(' ')
  return { name: line.slice(0, space), input: tryParseJson(line.slice(space + 1)) ?? null }
}

/** Hosts whose count of what was written leaves thinking out (fact sheet of compatible hosts, §4): only their total has it. */
const THINKING_BESIDE: ReadonlySet<string> = new Set(['xai', 'gemini-openai'])

function besideOf(bytes: string, { input, output }: Heard): number | undefined {
  const total = totalIn(bytes)
  return output === undefined || total === undefined ? output : total - (input ?? 0)
}

/** What is spoken aloud, as a text. */
function soundIn(bytes: string): string {
  const choices = objectsIn(bytes).flatMap((one) => listAt(one, 'choices'))
  return choices
    .map((choice) => textAt(objectAt(objectAt(choice, 'message'), 'audio'), 'transcript'))
    .join('')
}

const SEALS = new Set(['signature', 'thoughtSignature', 'encrypted_content'])

/** Those of thinking and of calls, of the first answer. Responses seals an item anew each time it is told. */
function sealsIn(bytes: string): Answer['seals'] {
  const all = objectsIn(bytes)
  const end = all.findIndex(({ type }) => type === 'response.completed')
  const found = new Map<string, Set<string>>()
  for (const one of end === -1 ? all : all.slice(0, end + 1)) addSeals(found, one)
  return [...found.values()].map((seals) => [...seals])
}

function addSeals(found: Map<string, Set<string>>, value: Json): void {
  if (isArray(value)) for (const item of value) addSeals(found, item)
  // Pages that a vendor's tool has read are sealed too, and not wanted back.
  if (!isObject(value) || textAt(value, 'type').startsWith('web_search')) return
  for (const [key, child = null] of Object.entries(value)) {
    if (!SEALS.has(key) || typeof child !== 'string' || child === '') addSeals(found, child)
    else {
      const item = textAt(value, 'id') || child
      found.set(item, (found.get(item) ?? new Set()).add(child))
    }
  }
}

function totalIn(bytes: string): number | undefined {
  const totals = objectsIn(bytes).map((one) => objectAt(one, 'usage')['total_tokens'])
  const [last] = totals.filter((total) => typeof total === 'number').slice(-1)
  return last
}

/** What stands instead of an answer, or in its middle, under status 200. */
function failureIn(bytes: string): Told | undefined {
  const objects = objectsIn(bytes)
  const found = objects.find((one) => isFailure(one))
  if (found !== undefined) {
    return { kind: 'broke', words: isOurs(429, bytes) ? undefined : (wordsIn(found) ?? '') }
  }
  // A second answer begins in the middle of the first (seen at a proxy): nobody can say which is meant.
  const begun = objects.filter(({ type }) => type === 'message_start')
  const ids = new Set(begun.map((one) => textAt(objectAt(one, 'message'), 'id')))
  return ids.size > 1 ? { kind: 'broke', words: undefined } : undefined
}

function isFailure(one: Readonly<Record<string, Json | undefined>>): boolean {
  return isObject(one['error']) || one['type'] === 'error' || one['type'] === 'response.failed'
}

function refusalOf(status: number, bytes: string): Told {
  const [body = {}] = objectsIn(bytes)
  const ours = isOurs(status, bytes)
  return {
    kind: 'refused',
    // A used-up quota of ours is told as what it is, in other words.
    status: ours ? (status === 429 ? 429 : 502) : (STATUSES[status] ?? status),
    words: ours ? undefined : wordsIn(body),
  }
}

const STATUSES: Readonly<Record<number, Status>> = {
  500: 502,
  503: 'busy',
  529: 'busy',
}

/** Whether it speaks of the gateway's own key, account or plan: that is no client's business (decision 002). */
function isOurs(status: number, bytes: string): boolean {
  if (status === 401 || status === 402) return true
  if (status === 403) return !/violates usage guidelines/.test(bytes)
  if (status === 429) return /insufficient_quota|PerDay/.test(bytes)
  return status === 400 && /FAILED_PRECONDITION/.test(bytes)
}

function wordsIn(body: Readonly<Record<string, Json | undefined>>): string | undefined {
  const inside = objectAt(objectAt(body, 'response'), 'error')
  const found = [
    textAt(inside, 'message'),
    textAt(objectAt(body, 'error'), 'message'),
    textAt(body, 'error'),
    textAt(body, 'message'),
    textAt(body, 'detail'),
    ...listAt(body, 'detail').map((one) => textAt(one, 'msg')),
  ]
  return found.find((words) => words !== '')
}
