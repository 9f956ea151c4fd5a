// Events to chunks: every chunk whole enough for Mistral's strict SDK, counts on the last one, `[DONE]` at a good end only.
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
import { isSayable, partNotes, usageNotes } from './notes.ts'
import { answerId } from './response.ts'
import { isSaying } from './silence.ts'
import { SpokenPart } from './stream-part.ts'
import { encodeUsage } from './usage.ts'
import { DONE, MISTRAL_CHAT } from './wire-types.ts'

type Start = Extract<ChatEvent, { readonly type: 'response-start' }>
type End = Extract<ChatEvent, { readonly type: 'candidate-end' }>

interface Choice {
  begun: boolean
  calls: number
  /** Leftovers that wait for the choice's next chunk. */
  waiting: JsonObject
}

export class ChunkEncoder implements StreamEncoder {
  readonly #notes: Note[] = []
  readonly #losses = new AnswerLosses(answerRules)
  readonly #carriers = new SealCarriers('beside-thinking')
  readonly #context: EncodeContext
  readonly #choices = new Map<number, Choice>()
  readonly #parts = new Map<number, SpokenPart>()
  /** Held until the end: the counts belong on the last of them. */
  readonly #ends: End[] = []
  #head: JsonObject
  #own = false
  #waiting: JsonObject = {}
  #usage: Usage | undefined
  #ended = false

  constructor(context: EncodeContext) {
    this.#context = context
    this.#head = headOf(undefined, context)
  }

  get notes(): readonly Note[] {
    return [...this.#notes, ...this.#losses.notes, ...this.#carriers.notes]
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
        this.#own = event.origin.dialect === MISTRAL_CHAT
        this.#waiting = saying(leftovers.fieldsOf(event))
        return []
      case 'part-start':
        return this.#open(event)
      case 'part-delta': {
        const part = this.#parts.get(event.index)
        return part === undefined ? [] : this.#say(part.candidate, part.delta(event))
      }
      case 'part-end': {
        const part = this.#parts.get(event.index)
        return part === undefined ? [] : this.#say(part.candidate, part.end(event))
      }
      case 'native':
        if (event.dialect === MISTRAL_CHAT && isObject(event.value)) {
          this.#wait(event.candidate, event.value)
        }
        return []
      case 'candidate-end':
        this.#ends.push(event)
        return []
      case 'usage-update':
        this.#usage = mergeUsage(this.#usage, event.usage)
        return []
      case 'response-end':
        return this.#end()
      case 'error':
        return this.#fail(event.error)
      case 'ping':
        return [this.keepAlive()]
      case 'logprobs':
        return []
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

  keepAlive(): Frame {
    return { data: '', comment: 'ping' }
  }

  #open(event: Extract<ChatEvent, { readonly type: 'part-start' }>): readonly Frame[] {
    const { candidate, part, index } = event
    if (!this.#own || !isSayable(part)) this.#notes.push(...partNotes(part, `parts[${index}]`))
    if (!isSayable(part)) return []
    const choice = this.#choice(candidate)
    const spoken = new SpokenPart(event, choice.calls)
    if (part.type === 'tool-call') choice.calls += 1
    this.#parts.set(index, spoken)
    return this.#say(candidate, spoken.start())
  }

  #choice(index: number): Choice {
    const known = this.#choices.get(index)
    if (known !== undefined) return known
    const fresh = { begun: false, calls: 0, waiting: {} }
    this.#choices.set(index, fresh)
    return fresh
  }

  /** Leftovers ride with the next chunk. */
  #wait(candidate: number | undefined, value: JsonObject): void {
    if (candidate === undefined) this.#waiting = overlay(this.#waiting, value)
    else {
      const choice = this.#choice(candidate)
      choice.waiting = overlay(choice.waiting, value)
    }
  }

  #say(candidate: number, delta: JsonObject | undefined): readonly Frame[] {
    if (delta === undefined) return []
    const begun = this.#choice(candidate).begun ? [] : [this.#choiceChunk(candidate, OPENING)]
    return [...begun, this.#choiceChunk(candidate, { delta })]
  }

  #choiceChunk(index: number, { delta, finish = null, usage }: ChoicePiece): Frame {
    const choice = this.#choice(index)
    const { waiting } = choice
    choice.waiting = {}
    choice.begun = true
    const said = overlay({ index, delta }, waiting)
    return this.#chunk([{ ...said, finish_reason: finish }], usage)
  }

  #chunk(choices: readonly JsonObject[], usage: Json | undefined): Frame {
    const counted = usage === undefined ? {} : { usage }
    const body = overlay(this.#waiting, { ...this.#head, choices, ...counted })
    this.#waiting = {}
    return { data: JSON.stringify(body) }
  }

  /** What a whole answer's choice had beside its message is said with the reason. */
  #end(): readonly Frame[] {
    this.#ended = true
    const usage = this.#usage === undefined ? undefined : encodeUsage(this.#usage)
    if (usage !== undefined) this.#notes.push(...usageNotes(this.#usage))
    const frames = this.#ends.flatMap((event, at) => {
      const { candidate, finish } = event
      const { message, ...fields } = leftovers.fieldsOf(event)
      const beside = isObject(message) ? saying(message) : {}
      this.#wait(candidate, overlay(saying(fields), { delta: beside }))
      const begun = this.#choice(candidate).begun ? [] : [this.#choiceChunk(candidate, OPENING)]
      const last = at === this.#ends.length - 1
      const piece = {
        delta: { content: '' },
        finish: encodeFinish(finish, { own: this.#own }),
        usage: last ? usage : undefined,
      }
      return [...begun, this.#choiceChunk(candidate, piece)]
    })
    return [...frames, { data: DONE }]
  }

  /** The error is the last word: nothing tells a client that the stream went well. */
  #fail(failure: GatewayError): readonly Frame[] {
    this.#ended = true
    return [{ data: JSON.stringify(errorBody(failure)) }]
  }
}

interface ChoicePiece {
  readonly delta: JsonObject
  readonly finish?: string | null
  readonly usage?: Json | undefined
}

const OPENING: ChoicePiece = { delta: { role: 'assistant', content: '' } }

/** The same on every chunk. */
function headOf(start: Start | undefined, context: EncodeContext): JsonObject {
  const createdMs = start?.createdMs ?? context.now()
  return {
    id: answerId(start?.id, context),
    object: 'chat.completion.chunk',
    created: Math.floor(createdMs / 1000),
    model: start?.model ?? context.request.model,
  }
}

function saying(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => isSaying(value)))
}
