// Events to stream lines. Calls are said whole, the last line says "done", and a failure is a line of its own.
import type { GatewayError } from '../../canonical/errors.ts'
import type { ChatEvent, PartDelta } from '../../canonical/event.ts'
import type { Note } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import type { Finish } from '../../canonical/response.ts'
import { type Usage, mergeUsage } from '../../canonical/usage.ts'
import type { Frame } from '../../wire/frame.ts'
import { type JsonObject, isObject } from '../../wire/json.ts'
import { AnswerLosses } from '../answer-losses.ts'
import type { EncodeContext, StreamEncoder } from '../dialect.ts'
import { answerRules } from './answer-rules.ts'
import { truncated } from './answer.ts'
import { encodeErrorBody } from './error.ts'
import { leftovers } from './extension.ts'
import { isFailure, printFinish } from './finish.ts'
import { printLogprob } from './logprobs.ts'
import { lossesOf } from './losses.ts'
import { printUsage } from './metrics.ts'
import { OpenPart } from './open-part.ts'
import { printParts, printText } from './parts.ts'
import { isGenerate } from './request.ts'
import { cutShort, otherCandidates } from './response.ts'
import { writeTimestamp } from './timestamp.ts'
import { DIALECT } from './wire-types.ts'

type EventOf<T extends ChatEvent['type']> = Extract<ChatEvent, { readonly type: T }>

export class OllamaStreamEncoder implements StreamEncoder {
  readonly #context: EncodeContext
  readonly #startedMs: number
  readonly #notes: Note[] = []
  readonly #losses = new AnswerLosses(answerRules)
  readonly #open = new Map<number, OpenPart>()
  #start: EventOf<'response-start'> | undefined
  #end: EventOf<'candidate-end'> | undefined
  #usage: Usage | undefined
  #lines = 0
  #calls = 0
  #ended = false

  constructor(context: EncodeContext) {
    this.#context = context
    this.#startedMs = context.now()
  }

  get notes(): readonly Note[] {
    return [...this.#notes, ...this.#losses.notes]
  }

  /** The framing has no comments, and Go clients fail on a blank line: an empty piece of text offends nobody. */
  keepAlive(): Frame | undefined {
    return this.#ended ? undefined : this.#line([])
  }

  write(event: ChatEvent): readonly Frame[] {
    if (this.#ended) return []
    this.#losses.see(event)
    switch (event.type) {
      case 'response-start':
        this.#start = event
        return []
      case 'part-start':
        return this.#partStart(event)
      case 'part-delta':
        return this.#partDelta(event.index, event.delta)
      case 'part-end':
        return this.#partEnd(event.index, event.part)
      case 'logprobs':
        if (event.candidate !== 0) return []
        return [this.#line([], { logprobs: event.logprobs.map((one) => printLogprob(one)) })]
      case 'candidate-end':
        if (event.candidate === 0) this.#end = event
        else this.#notes.push(otherCandidates(event.candidate))
        return []
      case 'usage-update':
        this.#usage = mergeUsage(this.#usage, event.usage)
        return []
      case 'native':
        return event.dialect === DIALECT && isObject(event.value)
          ? [this.#line([], event.value)]
          : []
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

  #partStart({ index, candidate, part }: EventOf<'part-start'>): readonly Frame[] {
    if (candidate !== 0) return []
    this.#open.set(index, new OpenPart(part))
    return isSaidAsItComes(part) && part.text !== '' ? [this.#line([part])] : []
  }

  #partDelta(index: number, delta: PartDelta): readonly Frame[] {
    const open = this.#open.get(index)
    if (open === undefined) return []
    open.add(delta)
    if (delta.kind !== 'text' || delta.text === '' || !isSaidAsItComes(open.part)) return []
    return [this.#line([{ ...open.part, text: delta.text }])]
  }

  #partEnd(index: number, authoritative: Part | undefined): readonly Frame[] {
    const open = this.#open.get(index)
    if (open === undefined) return []
    this.#open.delete(index)
    const part = authoritative ?? open.part
    this.#notes.push(...lossesOf(part, `candidates[0].parts[${index}]`))
    const unsaid = open.unsaid(part)
    if (unsaid === undefined) return []
    const line = this.#line([unsaid])
    if (part.type === 'tool-call') this.#calls += 1
    return [line]
  }

  #finished(event: EventOf<'response-end'>): readonly Frame[] {
    const left = [...this.#open.keys()].flatMap((index) => this.#partEnd(index, undefined))
    const own = this.#own()
    const finish: Finish | undefined = this.#end?.finish
    if (isFailure(finish, own)) return [...left, ...this.#failed(cutShort())]
    const word = printFinish(finish, own)
    const silent = leftovers.shapeOf(this.#end)['done_reason'] === 'absent'
    const elapsedMs = own === 'own' ? undefined : this.#context.now() - this.#startedMs
    const last = this.#line([], {
      ...leftovers.fieldsOf(event),
      ...(isGenerate(this.#context.request)
        ? leftovers.fieldsOf(this.#end)
        : { message: leftovers.fieldsOf(this.#end) }),
      done: true,
      ...(silent ? {} : { done_reason: word }),
      ...printUsage(this.#usage, elapsedMs),
    })
    this.#ended = true
    return [...left, last]
  }

  #failed(error: GatewayError): readonly Frame[] {
    this.#ended = true
    return [{ data: JSON.stringify(encodeErrorBody(error)) }]
  }

  /** One line that says some parts. `more` joins it; a `message` in it joins the line's own. */
  #line(parts: readonly Part[], more: JsonObject = {}): Frame {
    const { message, ...rest } = more
    const text = printText(parts)
    const others = printParts(parts, (_, at) => this.#calls + at)
    const said = isGenerate(this.#context.request)
      ? { response: text, ...others }
      : {
          message: {
            ...(isObject(message) ? message : {}),
            role: 'assistant',
            content: text,
            ...others,
          },
        }
    const line = {
      ...leftovers.fieldsOf(this.#start),
      model: this.#start?.model ?? this.#context.request.model,
      created_at: this.#createdAt(),
      ...said,
      done: false,
      ...rest,
    }
    return { data: JSON.stringify(line) }
  }

  /** The first line has the answer's own time: ids of calls hang on it. The others say when they were written. */
  #createdAt(): JsonObject[string] {
    this.#lines += 1
    if (this.#lines > 1) return writeTimestamp(this.#context.now())
    const given = leftovers.shapeOf(this.#start)['created_at']
    return given ?? writeTimestamp(this.#start?.createdMs ?? this.#context.now())
  }

  #own(): 'own' | 'foreign' {
    return this.#start?.origin.dialect === DIALECT ? 'own' : 'foreign'
  }
}

/** Text goes out as it comes; everything else waits until it is whole. */
function isSaidAsItComes(
  part: Part,
): part is Extract<Part, { readonly type: 'text' | 'refusal' | 'reasoning' }> {
  return part.type === 'text' || part.type === 'refusal' || part.type === 'reasoning'
}
