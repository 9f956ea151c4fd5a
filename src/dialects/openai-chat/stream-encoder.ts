// Events to chunks: the role once a choice, calls by index, one finish chunk a choice, usage when asked for, `[DONE]` at the end.
import { compact } from '../../canonical/compact.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { ChatEvent } from '../../canonical/event.ts'
import type { Note } from '../../canonical/note.ts'
import { type Usage, mergeUsage } from '../../canonical/usage.ts'
import type { Frame } from '../../wire/frame.ts'
import { type Json, type JsonObject, isObject } from '../../wire/json.ts'
import { AnswerLosses } from '../answer-losses.ts'
import { SealCarriers } from '../seal-carriers.ts'
import type { EncodeContext, StreamEncoder } from '../dialect.ts'
import { answerRules } from './answer-rules.ts'
import { errorBody } from './error.ts'
import { overlay } from '../leftovers.ts'
import { leftovers } from './extension.ts'
import { encodeFinish } from './finish.ts'
import { encodeLogprobs } from './logprobs.ts'
import { partNotes } from './notes.ts'
import { answerId } from './response.ts'
import { isSaying } from './silence.ts'
import { SpokenPart } from './stream-part.ts'
import { usesFunctions } from './tools.ts'
import { encodeUsage } from './usage.ts'
import { DONE, OPENAI_CHAT } from './wire-types.ts'

type Start = Extract<ChatEvent, { readonly type: 'response-start' }>
type End = Extract<ChatEvent, { readonly type: 'candidate-end' }>

interface Choice {
  begun: boolean
  calls: number
  details: number
  /** How much text has been said. */
  length: number
  /** Leftovers that wait for the choice's next chunk. */
  waiting: JsonObject
}

export class ChunkEncoder implements StreamEncoder {
  readonly #notes: Note[] = []
  readonly #losses = new AnswerLosses(answerRules)
  readonly #carriers = new SealCarriers()
  readonly #context: EncodeContext
  readonly #legacyCalls: boolean
  readonly #asked: boolean
  readonly #choices = new Map<number, Choice>()
  readonly #parts = new Map<number, SpokenPart>()
  #head: JsonObject
  #own = false
  #waiting: JsonObject = {}
  #usage: Usage | undefined
  #ended = false

  constructor(context: EncodeContext) {
    this.#context = context
    this.#legacyCalls = usesFunctions(context.request.tools)
    this.#asked = context.request.stream.includeUsage === true
    this.#head = headOf(undefined, context)
  }

  get notes(): readonly Note[] {
    return [...this.#notes, ...this.#losses.notes]
  }

  write(event: ChatEvent): readonly Frame[] {
    if (this.#ended) return []
    this.#losses.see(event)
    return this.#carriers.events(event).flatMap((one) => this.#written(one))
  }

  #written(event: ChatEvent): readonly Frame[] {
    switch (event.type) {
      case 'response-start':
        this.#head = headOf(event, this.#context)
        this.#own = event.origin.dialect === OPENAI_CHAT
        this.#waiting = saying(leftovers.fieldsOf(event))
        return []
      case 'part-start': {
        const choice = this.#choice(event.candidate)
        const part = new SpokenPart(event, {
          legacy: this.#legacyCalls && choice.calls === 0,
          call: choice.calls,
          nextDetail: () => choice.details++,
          offset: choice.length,
        })
        if (event.part.type === 'tool-call') choice.calls += 1
        this.#parts.set(event.index, part)
        this.#notes.push(...partNotes(event.part, `parts[${event.index}]`))
        return this.#say(event.candidate, part.start())
      }
      case 'part-delta': {
        const part = this.#parts.get(event.index)
        return part === undefined ? [] : this.#say(part.candidate, part.delta(event.delta))
      }
      case 'part-end': {
        const part = this.#parts.get(event.index)
        return part === undefined ? [] : this.#say(part.candidate, part.end(event))
      }
      case 'logprobs':
        return this.#wait(event.candidate, { logprobs: encodeLogprobs(event.logprobs) })
      case 'native':
        return event.dialect === OPENAI_CHAT && isObject(event.value)
          ? this.#wait(event.candidate, event.value)
          : []
      case 'candidate-end':
        return [this.#finishChunk(event)]
      case 'usage-update':
        this.#usage = mergeUsage(this.#usage, event.usage)
        return []
      case 'response-end':
        return this.#end()
      case 'error':
        return this.#fail(event.error)
      case 'ping':
        return [this.keepAlive()]
    }
  }

  finish(): readonly Frame[] {
    if (this.#ended) return []
    return this.#fail(
      new GatewayError('upstream', 'The answer broke off before it was complete.', {
        origin: 'gateway',
        code: 'upstream_truncated',
      }),
    )
  }

  // Without a blank line: behind an `id:` that a host has sent, OpenAI's Python client takes that line for an empty event and fails.
  keepAlive(): Frame {
    return { data: '', comment: 'ping', attached: true }
  }

  #choice(index: number): Choice {
    const known = this.#choices.get(index)
    if (known !== undefined) return known
    const fresh = { begun: false, calls: 0, details: 0, length: 0, waiting: {} }
    this.#choices.set(index, fresh)
    return fresh
  }

  #say(candidate: number, delta: JsonObject | undefined): readonly Frame[] {
    return delta === undefined ? [] : [this.#choiceChunk(candidate, { delta })]
  }

  /** Leftovers ride with the next chunk; what would overwrite others sends those first. */
  #wait(candidate: number | undefined, value: JsonObject): readonly Frame[] {
    if (candidate === undefined) {
      const flushed = collides(this.#waiting, value) ? [this.#chunk([])] : []
      this.#waiting = overlay(this.#waiting, value)
      return flushed
    }
    const choice = this.#choice(candidate)
    const flushed = collides(choice.waiting, value) ? [this.#choiceChunk(candidate, {})] : []
    choice.waiting = overlay(choice.waiting, value)
    return flushed
  }

  #choiceChunk(
    index: number,
    { delta = {}, finish = null }: { readonly delta?: JsonObject; readonly finish?: Json },
  ): Frame {
    const choice = this.#choice(index)
    const { waiting, begun } = choice
    choice.waiting = {}
    choice.begun = true
    if (typeof delta['content'] === 'string') choice.length += delta['content'].length
    const opening = begun ? {} : { role: 'assistant', content: openingContent(delta) }
    return this.#chunk([
      {
        ...overlay({ index, delta: { ...opening, ...delta }, logprobs: null }, waiting),
        finish_reason: finish,
      },
    ])
  }

  /** What a whole answer's choice had beside its message is said here. */
  #finishChunk(event: End): Frame {
    const { message, ...fields } = leftovers.fieldsOf(event)
    const choice = this.#choice(event.candidate)
    choice.waiting = overlay(choice.waiting, saying(fields))
    return this.#choiceChunk(event.candidate, {
      delta: isObject(message) ? saying(message) : {},
      finish: encodeFinish(event.finish, { own: this.#own, legacyCalls: this.#legacyCalls }),
    })
  }

  #chunk(choices: readonly JsonObject[], usage?: Json): Frame {
    const waiting = this.#waiting
    this.#waiting = {}
    const counted = this.#asked ? { usage: usage ?? null } : {}
    return { data: JSON.stringify(overlay(waiting, { ...this.#head, choices, ...counted })) }
  }

  #end(): readonly Frame[] {
    this.#ended = true
    return [...this.#rest(), { data: DONE }]
  }

  /** What broke off was counted too. */
  #fail(failure: GatewayError): readonly Frame[] {
    this.#ended = true
    return [...this.#rest(), { data: JSON.stringify(errorBody(failure)) }, { data: DONE }]
  }

  #rest(): readonly Frame[] {
    const late = [...this.#choices].filter(([, choice]) => isSaying(choice.waiting))
    const usage = this.#asked ? encodeUsage(this.#usage) : undefined
    return [
      ...late.map(([index]) => this.#choiceChunk(index, {})),
      ...(usage === undefined && !isSaying(this.#waiting) ? [] : [this.#chunk([], usage)]),
    ]
  }
}

/** The same on every chunk. */
function headOf(start: Start | undefined, context: EncodeContext): JsonObject {
  const createdMs = start?.createdMs ?? context.now()
  return compact({
    id: answerId(start?.id, context),
    object: 'chat.completion.chunk',
    created: Math.floor(createdMs / 1000),
    model: start?.model ?? context.request.model,
    system_fingerprint: start?.fingerprint,
    service_tier: start?.tier,
  })
}

/** Null before anything but text, as a whole answer has it where there is none. */
function openingContent(delta: JsonObject): '' | null {
  return Object.keys(delta).length === 0 || delta['content'] !== undefined ? '' : null
}

function collides(waiting: JsonObject, value: JsonObject): boolean {
  return Object.keys(value).some((key) => {
    const before = waiting[key]
    const after = value[key]
    if (before === undefined) return false
    return isObject(before) && isObject(after) ? collides(before, after) : true
  })
}

function saying(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => isSaying(value)))
}
