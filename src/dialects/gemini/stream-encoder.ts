// Events to chunks. Calls are said whole, the last chunk says why the answer ended, and a failure is a chunk of its own.
import { compact } from '../../canonical/compact.ts'
import type { GatewayError } from '../../canonical/errors.ts'
import type { ChatEvent } from '../../canonical/event.ts'
import type { Note } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import { type Usage, mergeUsage } from '../../canonical/usage.ts'
import type { Frame } from '../../wire/frame.ts'
import { type Json, type JsonObject, isObject } from '../../wire/json.ts'
import { AnswerLosses } from '../answer-losses.ts'
import { HostedEvents } from '../hosted-answer.ts'
import type { EncodeContext, StreamEncoder } from '../dialect.ts'
import { answerRules } from './answer-rules.ts'
import { isBlocked } from './candidate.ts'
import { errorBody } from './error.ts'
import { overlay } from '../leftovers.ts'
import { leftovers, printed } from './extension.ts'
import { isFailure, printFinish } from './finish.ts'
import { encodeGrounding, encodePages } from './grounding.ts'
import { hostedForm } from './hosted-work.ts'
import { LivePart } from './live-part.ts'
import { encodeLogprobs } from './logprobs.ts'
import { lossesOf } from './losses.ts'
import { encodePart } from './print-parts.ts'
import { cutShort } from './response.ts'
import { signedElsewhere } from './seals.ts'
import { truncated } from './truncated.ts'
import { encodeUsage } from './usage.ts'
import { GEMINI } from './wire-types.ts'

type EventOf<T extends ChatEvent['type']> = Extract<ChatEvent, { readonly type: T }>

export class GeminiStreamEncoder implements StreamEncoder {
  readonly #context: EncodeContext
  readonly #notes: Note[] = []
  readonly #losses = new AnswerLosses(answerRules)
  readonly #works: HostedEvents
  readonly #open = new Map<number, LivePart>()
  /** Candidates that have called a tool. */
  readonly #called = new Set<number>()
  readonly #ends = new Map<number, EventOf<'candidate-end'>>()
  /** Text that has ended, by candidate, with the work of tools: citations count within all of it. */
  readonly #texts = new Map<number, Part[]>()
  #start: EventOf<'response-start'> | undefined
  #usage: Usage | undefined
  #toldUsage: Usage | undefined
  #begun = false
  #ended = false

  constructor(context: EncodeContext) {
    this.#context = context
    this.#works = new HostedEvents(hostedForm, context.requestId)
  }

  get notes(): readonly Note[] {
    return [...this.#notes, ...this.#losses.notes]
  }

  /** The vendor's own client skips what does not begin with "data:". */
  keepAlive(): Frame | undefined {
    return this.#ended ? undefined : { data: '', comment: 'keep-alive' }
  }

  write(event: ChatEvent): readonly Frame[] {
    if (this.#ended) return []
    this.#losses.see(event)
    return this.#works.events(event).flatMap((one) => this.#frames(one))
  }

  #frames(event: ChatEvent): readonly Frame[] {
    switch (event.type) {
      case 'response-start':
        this.#start = event
        return []
      case 'part-start':
        return this.#partStart(event)
      case 'part-delta': {
        const live = this.#open.get(event.index)
        return live === undefined ? [] : this.#say(live.candidate, live.add(event.delta))
      }
      case 'part-end':
        return this.#partEnd(event.index, event.part)
      case 'logprobs':
        return this.#logprobs(event)
      case 'candidate-end':
        this.#ends.set(event.candidate, event)
        return []
      case 'usage-update':
        this.#usage = mergeUsage(this.#usage, event.usage)
        return []
      case 'native':
        return event.dialect === GEMINI && isObject(event.value) ? [this.#chunk(event.value)] : []
      case 'response-end':
        return this.#finished(event)
      case 'error':
        return this.#failed(event.error)
      case 'ping':
        return []
    }
  }

  finish(): readonly Frame[] {
    return this.#ended ? [] : this.#failed(truncated())
  }

  #partStart({ index, candidate, part: said }: EventOf<'part-start'>): readonly Frame[] {
    const first = said.type === 'tool-call' && !this.#called.has(candidate)
    const part = first && !this.#own() ? signedElsewhere(said) : said
    if (first) this.#called.add(candidate)
    const live = new LivePart(candidate, part)
    this.#open.set(index, live)
    return this.#say(candidate, live.beginning())
  }

  #partEnd(index: number, whole: Part | undefined): readonly Frame[] {
    const live = this.#open.get(index)
    if (live === undefined) return []
    this.#open.delete(index)
    const { seal } = live.part
    const sealed = whole === undefined || seal === undefined ? whole : { seal, ...whole }
    const frames = this.#say(live.candidate, live.ending(sealed))
    const { candidate, part } = live
    if (!this.#own()) {
      this.#notes.push(...lossesOf(part, `candidates[${candidate}].parts[${index}]`))
    }
    if (part.type === 'text' || part.type === 'opaque') {
      this.#texts.set(candidate, [...(this.#texts.get(candidate) ?? []), part])
    }
    return frames
  }

  #say(candidate: number, part: Part | undefined): readonly Frame[] {
    const said = part === undefined ? undefined : encodePart(part)
    if (said === undefined) return []
    return [this.#chunk({ candidates: [{ content: contentOf(said), index: candidate }] })]
  }

  /** Of an answer of this wire the vendor's own object comes by itself. */
  #logprobs({ candidate, logprobs }: EventOf<'logprobs'>): readonly Frame[] {
    if (this.#own()) return []
    const logprobsResult = encodeLogprobs(logprobs)
    // The vendor's own client leaves an answer out of its history in which a chunk has no content.
    const content = contentOf({ text: '' })
    return [this.#chunk({ candidates: [{ content, logprobsResult, index: candidate }] })]
  }

  #finished(event: EventOf<'response-end'>): readonly Frame[] {
    const left = [...this.#open.keys()].flatMap((index) => this.#partEnd(index, undefined))
    const own = this.#own()
    const ends = [...this.#ends.values()]
    if (ends.some(({ finish }) => isFailure(finish, { own }))) {
      return [...left, ...this.#failed(cutShort())]
    }
    const candidates = ends.filter((end) => !isBlocked(end)).map((end) => this.#ending(end))
    const last = this.#chunk(
      overlay(leftovers.fieldsOf(event), candidates.length === 0 ? {} : { candidates }),
      { last: true },
    )
    this.#ended = true
    return [...left, last]
  }

  #ending(end: EventOf<'candidate-end'>): JsonObject {
    const own = this.#own()
    const parts = own ? [] : (this.#texts.get(end.candidate) ?? [])
    return printed(end, {
      content: contentOf({ text: '' }),
      finishReason: leftovers.shapeOf(end)['finishReason'] ?? printFinish(end.finish, { own }),
      index: end.candidate,
      groundingMetadata: encodeGrounding(parts),
      urlContextMetadata: encodePages(parts),
    })
  }

  #failed(error: GatewayError): readonly Frame[] {
    this.#ended = true
    return [{ data: JSON.stringify(errorBody(error)) }]
  }

  /** Counts are told when there are new ones of this wire's own, and at the end. */
  #chunk(said: JsonObject, { last }: { readonly last: boolean } = { last: false }): Frame {
    const start = this.#start
    const told = last || (this.#own() && this.#usage !== this.#toldUsage)
    if (told) this.#toldUsage = this.#usage
    const first = this.#begun || start === undefined ? {} : leftovers.fieldsOf(start)
    this.#begun = true
    const silent = start !== undefined && leftovers.shapeOf(start)['version'] === 'absent'
    const chunk = compact({
      ...said,
      usageMetadata: told ? encodeUsage(this.#usage) : undefined,
      modelVersion: silent ? undefined : (start?.model ?? this.#context.request.model),
      responseId: start?.id ?? (this.#own() ? undefined : this.#context.requestId),
    })
    return { data: JSON.stringify(overlay(first, chunk)) }
  }

  #own(): boolean {
    return this.#start?.origin.dialect === GEMINI
  }
}

function contentOf(part: Json): JsonObject {
  return { parts: [part], role: 'model' }
}
