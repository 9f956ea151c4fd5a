// Events to frames: the response as it begins, its items one after the other, the response as it ended; or an error and a response that failed.
import { GatewayError } from '../../canonical/errors.ts'
import type { ChatEvent } from '../../canonical/event.ts'
import type { Note } from '../../canonical/note.ts'
import type { Part, TokenLogprob } from '../../canonical/part.ts'
import type { Finish } from '../../canonical/response.ts'
import { type Usage, mergeUsage } from '../../canonical/usage.ts'
import type { Frame } from '../../wire/frame.ts'
import type { JsonObject } from '../../wire/json.ts'
import { AnswerLosses } from '../answer-losses.ts'
import { HostedEvents } from '../hosted-answer.ts'
import { SealCarriers } from '../seal-carriers.ts'
import type { EncodeContext, StreamEncoder } from '../dialect.ts'
import { answerRules } from './answer-rules.ts'
import { errorEvent, responseError } from './error.ts'
import { overlay } from '../leftovers.ts'
import { leftovers } from './extension.ts'
import { encodeFinish } from './finish.ts'
import { hostedForm } from './hosted-work.ts'
import { ItemStream, type PartStep } from './item-stream.ts'
import { inNamespace } from './namespace.ts'
import { readNative, readWholeNative } from './native-frame.ts'
import { isSayable, partNotes } from './output.ts'
import { PartOrder } from './part-order.ts'
import { bodyOf, failedFinish, otherCandidates } from './response.ts'
import { responseHead } from './response-body.ts'
import { encodeUsage, usageNotes } from './usage.ts'
import { OPENAI_RESPONSES } from './wire-types.ts'

/** What is told at the end only. */
const UNKNOWN_YET: ReadonlySet<string> = new Set([
  'completed_at',
  'error',
  'incomplete_details',
  'usage',
])

type Start = Extract<ChatEvent, { readonly type: 'response-start' }>
type End = Extract<ChatEvent, { readonly type: 'response-end' }>
type Events = readonly JsonObject[]

export class ResponseEncoder implements StreamEncoder {
  readonly #notes: Note[] = []
  readonly #losses = new AnswerLosses(answerRules)
  readonly #works: HostedEvents
  readonly #carriers = new SealCarriers()
  readonly #context: EncodeContext
  readonly #order = new PartOrder<PartStep>()
  #items: ItemStream
  #start: Pick<Start, 'origin'> & Partial<Start>
  #head: JsonObject
  #begun = false
  #ended = false
  #sequence = 0
  /** The part that a text's probabilities belong to. */
  #latest: number | undefined
  /** Probabilities of a text that has not begun. */
  #early: readonly TokenLogprob[] = []
  #finish: Finish | undefined
  #usage: Usage | undefined

  constructor(context: EncodeContext) {
    this.#context = context
    this.#works = new HostedEvents(hostedForm, context.requestId)
    this.#start = { origin: { dialect: context.request.origin.dialect } }
    this.#head = {}
    this.#items = new ItemStream(context.requestId, this.#start.origin.dialect)
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
      .flatMap((one) => this.#frames(one))
  }

  #frames(event: ChatEvent): readonly Frame[] {
    if (event.type === 'ping') return [this.keepAlive()]
    return this.#events(event).map((value) => this.#frame(value))
  }

  finish(): readonly Frame[] {
    if (this.#ended) return []
    const failure = new GatewayError('upstream', 'The answer broke off before it was complete.', {
      origin: 'gateway',
      code: 'upstream_truncated',
    })
    return this.#fail(failure).map((value) => this.#frame(value))
  }

  // Without a blank line: behind an `id:` that a host has sent, OpenAI's Python client takes that line for an empty event and fails.
  keepAlive(): Frame {
    return { data: '', comment: 'ping', attached: true }
  }

  #frame(value: JsonObject): Frame {
    const data = JSON.stringify({ ...value, sequence_number: this.#sequence })
    this.#sequence += 1
    const { type } = value
    return typeof type === 'string' ? { event: type, data } : { data }
  }

  #events(event: Exclude<ChatEvent, { readonly type: 'ping' }>): Events {
    switch (event.type) {
      case 'response-start':
        this.#start = event
        this.#items = new ItemStream(this.#context.requestId, event.origin.dialect)
        return this.#begin()
      case 'part-start':
        return this.#open({ ...event, part: this.#named(event.part) })
      case 'part-delta':
        return this.#written(this.#order.add(event.index, event))
      case 'part-end':
        return this.#written(
          this.#order.close(
            event.index,
            event.part === undefined ? event : { ...event, part: this.#named(event.part) },
          ),
        )
      case 'logprobs':
        return event.candidate === 0 ? this.#probable(event) : []
      case 'native': {
        if (event.dialect !== OPENAI_RESPONSES) return []
        const whole = readWholeNative(event.value)
        if (whole !== undefined) return [...this.#begin(), whole]
        const native = readNative(event.value)
        return native === undefined ? [] : this.#written(this.#order.add(native.part, event))
      }
      case 'candidate-end':
        if (event.candidate === 0) this.#finish = event.finish
        return []
      case 'usage-update':
        this.#usage = mergeUsage(this.#usage, event.usage)
        return []
      case 'response-end':
        return this.#end(event)
      case 'error':
        return this.#fail(event.error)
    }
  }

  #named(part: Part): Part {
    return inNamespace(part, this.#context.request.tools)
  }

  /** Clients want the response before anything of it. */
  #begin(): Events {
    if (this.#begun) return []
    this.#begun = true
    this.#head = responseHead(this.#start, this.#context)
    const known = Object.entries(this.#head).map(([key, value]) => [
      key,
      UNKNOWN_YET.has(key) ? null : value,
    ])
    const response = { ...Object.fromEntries(known), status: 'in_progress', output: [] }
    return [
      { type: 'response.created', response },
      { type: 'response.in_progress', response },
    ]
  }

  #open(event: Extract<ChatEvent, { readonly type: 'part-start' }>): Events {
    if (event.candidate !== 0) {
      if (!this.#notes.some((note) => note.feature === 'candidates')) {
        this.#notes.push(otherCandidates())
      }
      return []
    }
    this.#notes.push(...partNotes(event.part, `candidates[0].parts[${event.index}]`))
    if (!isSayable(event.part)) return []
    if (event.part.type === 'text') this.#latest = event.index
    const opened = [...this.#begin(), ...this.#written(this.#order.open(event.index, event))]
    if (event.part.type !== 'text' || this.#early.length === 0) return opened
    const early = { type: 'logprobs', candidate: 0, logprobs: this.#early } as const
    this.#early = []
    return [...opened, ...this.#written(this.#order.add(event.index, early))]
  }

  #probable(event: Extract<ChatEvent, { readonly type: 'logprobs' }>): Events {
    const latest = this.#latest
    if (latest === undefined) {
      this.#early = [...this.#early, ...event.logprobs]
      return []
    }
    if (this.#order.has(latest)) {
      return this.#written(this.#order.add(latest, event))
    }
    this.#items.late(event.logprobs)
    return []
  }

  #written(steps: readonly PartStep[]): Events {
    return steps.flatMap((step) => this.#items.write(step))
  }

  #end(end: End): Events {
    const ending = encodeFinish(this.#finish, this.#start.origin.dialect)
    if (ending.status === 'failed') return this.#fail(failedFinish())
    const begun = this.#begin()
    const parts = this.#order.unfinished.flatMap((index) =>
      this.#written(this.#order.close(index, { type: 'part-end', index })),
    )
    const cut = ending.status === 'incomplete' ? 'incomplete' : 'completed'
    const items = this.#items.close(cut)
    this.#ended = true
    this.#notes.push(...usageNotes(this.#usage))
    const own = leftovers.isOwn(this.#start)
    const response = bodyOf(overlay(this.#head, leftovers.fieldsOf(end)), {
      ...ending,
      output: this.#items.items,
      usage: this.#usage === undefined && own ? undefined : encodeUsage(this.#usage),
      completedAt: own ? undefined : Math.floor(this.#context.now() / 1000),
    })
    const type = ending.status === 'completed' ? 'response.completed' : 'response.incomplete'
    return [...begun, ...parts, ...items, { type, response }]
  }

  /** What had been said until then stays said. */
  #fail(failure: GatewayError): Events {
    const begun = this.#begin()
    this.#ended = true
    const body = bodyOf(this.#head, {
      status: 'failed',
      output: this.#items.items,
      usage: this.#usage === undefined ? null : encodeUsage(this.#usage),
    })
    return [
      ...begun,
      { type: 'error', ...errorEvent(failure) },
      { type: 'response.failed', response: { ...body, error: responseError(failure) } },
    ]
  }
}
