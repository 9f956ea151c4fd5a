// Events to frames: one message, its blocks one after the other, its end, or an error that ends it.
import { GatewayError } from '../../canonical/errors.ts'
import type { ChatEvent } from '../../canonical/event.ts'
import type { Note } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import { type Usage, mergeUsage } from '../../canonical/usage.ts'
import type { Frame } from '../../wire/frame.ts'
import { type Json, type JsonObject, isArray, isObject } from '../../wire/json.ts'
import { AnswerLosses } from '../answer-losses.ts'
import { HostedEvents } from '../hosted-answer.ts'
import { SealCarriers } from '../seal-carriers.ts'
import type { EncodeContext, StreamEncoder } from '../dialect.ts'
import { answerRules } from './answer-rules.ts'
import { BlockSequence } from './block-sequence.ts'
import type { BlockWriter, PartEnd, PartStart } from './block-writer.ts'
import { errorBody } from './error.ts'
import { printFinish, withCalls } from './finish.ts'
import { overlay } from '../leftovers.ts'
import { leftovers } from './extension.ts'
import { hostedForm } from './hosted-work.ts'
import { LiveBlock } from './live-block.ts'
import { failedFinish, messageHead, otherCandidates } from './response.ts'
import { encodeUsage, guessedUsage } from './usage.ts'
import { WholeBlock } from './whole-block.ts'
import { DIALECT } from './wire-types.ts'

type ResponseStart = Extract<ChatEvent, { type: 'response-start' }>
type CandidateEnd = Extract<ChatEvent, { type: 'candidate-end' }>

export class MessageStreamEncoder implements StreamEncoder {
  readonly #notes: Note[] = []
  readonly #losses = new AnswerLosses(answerRules)
  readonly #works: HostedEvents
  readonly #carriers = new SealCarriers()
  readonly #context: EncodeContext
  readonly #sequence = new BlockSequence()
  readonly #writers = new Map<number, BlockWriter>()
  #start: ResponseStart | undefined
  #started = false
  #called = false
  #usage: Usage | undefined
  #end: CandidateEnd | undefined
  #ended = false

  constructor(context: EncodeContext) {
    this.#context = context
    this.#works = new HostedEvents(hostedForm, context.requestId)
  }

  get notes(): readonly Note[] {
    return [...this.#notes, ...this.#losses.notes]
  }

  write(event: ChatEvent): readonly Frame[] {
    if (this.#ended) return []
    this.#losses.see(event)
    return this.#works
      .events(event)
      .flatMap((one) => this.#carriers.events(one))
      .flatMap((one) => this.#events(one))
      .map((value) => frame(value))
  }

  finish(): readonly Frame[] {
    if (this.#ended) return []
    const error = new GatewayError('upstream', 'The answer broke off before it was complete.', {
      origin: 'upstream',
      code: 'upstream_truncated',
    })
    return this.#fail(error).map((value) => frame(value))
  }

  keepAlive(): Frame {
    return frame(PING)
  }

  #events(event: ChatEvent): readonly JsonObject[] {
    switch (event.type) {
      case 'response-start':
        this.#start = event
        return []
      case 'usage-update':
        this.#usage = mergeUsage(this.#usage, event.usage)
        return []
      case 'part-start':
        return [...this.#begin(), ...this.#open(event)]
      case 'part-delta': {
        const writer = this.#writers.get(event.index)
        return writer === undefined ? [] : this.#sequence.add(event.index, writer.delta(event))
      }
      case 'part-end':
        return this.#close(event)
      case 'candidate-end':
        if (event.candidate === 0) this.#end = event
        return this.#begin()
      case 'response-end':
        return this.#finished(event)
      case 'error':
        return this.#fail(event.error)
      case 'ping':
        return this.#start === undefined ? [PING] : [...this.#begin(), PING]
      case 'native':
        return event.dialect === DIALECT ? [...this.#begin(), ...this.#native(event.value)] : []
      case 'logprobs':
        return []
    }
  }

  /** Waits for the usage that may follow the start, so that it can be printed with it. */
  #begin(): readonly JsonObject[] {
    if (this.#started) return []
    this.#started = true
    const open = { content: [], stop_reason: null, stop_sequence: null }
    const head = messageHead(this.#start ?? {}, this.#context)
    return [
      {
        type: 'message_start',
        message: { ...head, ...open, usage: encodeUsage(this.#usage) },
      },
    ]
  }

  #open(event: PartStart): readonly JsonObject[] {
    if (event.candidate !== 0) {
      if (!this.#notes.some((note) => note.feature === 'candidates')) {
        this.#notes.push(otherCandidates())
      }
      return []
    }
    const writer = writerOf(event, this.#maker())
    this.#writers.set(event.index, writer)
    if (event.part.type === 'tool-call') this.#called = true
    return this.#sequence.open(event.index, writer.start())
  }

  #close(event: PartEnd): readonly JsonObject[] {
    const writer = this.#writers.get(event.index)
    if (writer === undefined) return []
    this.#writers.delete(event.index)
    const events = this.#sequence.close(event.index, writer.end(event))
    if (writer.note !== undefined) {
      this.#notes.push({ ...writer.note, path: `candidates[0].parts[${event.index}]` })
    }
    return events
  }

  /** A delta belongs to the block of its part; any other frame stands for itself. */
  #native(value: Json): readonly JsonObject[] {
    if (!isObject(value) || typeof value['type'] !== 'string') return []
    if (value['type'] !== 'content_block_delta') return [value]
    const index = Number(value['index'])
    const writer = this.#writers.get(index)
    return writer === undefined ? [] : this.#sequence.add(index, writer.native(value))
  }

  #finished(stop: Extract<ChatEvent, { type: 'response-end' }>): readonly JsonObject[] {
    const own = this.#maker() === DIALECT
    const said = this.#end?.finish ?? { reason: 'other' as const }
    const finish = own ? said : withCalls(said, this.#called ? [{ type: 'tool-call' }] : [])
    const printed = printFinish(finish, { own })
    if (printed === undefined) return this.#fail(failedFinish(finish.reason))
    const before = this.#begin()
    const blocks = [...this.#writers.keys()].flatMap((index) =>
      this.#close({ type: 'part-end', index }),
    )
    if (!own) this.#notes.push(...guessedUsage(this.#usage))
    this.#ended = true
    const end = [this.#messageDelta(printed), { ...leftovers.fieldsOf(stop), type: 'message_stop' }]
    return [...before, ...blocks, ...end]
  }

  #messageDelta(finish: JsonObject): JsonObject {
    const { beside, usage } = leftovers.shapeOf(this.#end)
    const outside = isArray(beside) ? beside : ['context_management']
    const fields = Object.entries(leftovers.fieldsOf(this.#end))
    const inDelta = Object.fromEntries(fields.filter(([key]) => !outside.includes(key)))
    return {
      ...Object.fromEntries(fields.filter(([key]) => outside.includes(key))),
      type: 'message_delta',
      delta: overlay(inDelta, finish),
      usage: isObject(usage) ? usage : encodeUsage(this.#usage),
    }
  }

  #fail(error: GatewayError): readonly JsonObject[] {
    this.#ended = true
    return [errorBody(error, this.#context.requestId)]
  }

  #maker(): string {
    return this.#start?.origin.dialect ?? DIALECT
  }
}

const PING: JsonObject = { type: 'ping' }

/** Clients dispatch on the event's name and drop an event without one. */
function frame(value: JsonObject): Frame {
  const { type } = value
  const data = JSON.stringify(value)
  return typeof type === 'string' ? { event: type, data } : { data }
}

function writerOf(start: PartStart, maker: string): BlockWriter {
  const part: Part = start.part
  switch (part.type) {
    case 'text':
    case 'refusal':
      return new LiveBlock(part, maker)
    case 'tool-call':
      return part.kind === 'custom' ? new WholeBlock(start, maker) : new LiveBlock(part, maker)
    case 'reasoning':
      return part.redacted === true ? new WholeBlock(start, maker) : new LiveBlock(part, maker)
    case 'opaque':
      return part.origin.dialect === DIALECT && maker === DIALECT
        ? new LiveBlock(part, maker)
        : new WholeBlock(start, maker)
    case 'image':
    case 'audio':
    case 'video':
    case 'file':
    case 'tool-result':
    case 'search-result':
      return new WholeBlock(start, maker)
  }
}
