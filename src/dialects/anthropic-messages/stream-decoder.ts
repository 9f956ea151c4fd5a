// Frames to events. Whatever comes in, the stream ends once: in `response-end`, or in an error.
import { compact } from '../../canonical/compact.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { ChatEvent } from '../../canonical/event.ts'
import type { Finish } from '../../canonical/response.ts'
import type { Frame } from '../../wire/frame.ts'
import { type JsonObject, ObjectReader, isObject, tryParseJson } from '../../wire/json.ts'
import type { DecodeContext, StreamDecoder } from '../dialect.ts'
import { BlockReader } from './block-reader.ts'
import { decodeError } from './error.ts'
import { readFinish, withCalls } from './finish.ts'
import { overlay } from '../leftovers.ts'
import { leftovers } from './extension.ts'
import { badResponse, readHead } from './response.ts'
import { decodeUsage, mergeWireUsage } from './usage.ts'
import { DIALECT } from './wire-types.ts'

export class MessageStreamDecoder implements StreamDecoder {
  readonly #context: DecodeContext
  readonly #open = new Map<number, BlockReader>()
  #parts = 0
  #called = false
  #started: { readonly id: string | undefined } | undefined
  #usage: JsonObject = {}
  #finish: Finish | undefined
  /** Leftovers of `message_delta`, and how its usage was written. */
  #ending: { readonly fields: JsonObject; readonly shape: JsonObject } = { fields: {}, shape: {} }
  #ended = false

  constructor(context: DecodeContext) {
    this.#context = context
  }

  write(frame: Frame): readonly ChatEvent[] {
    if (this.#ended || frame.data.trim() === '' || frame.data === '[DONE]') return []
    const events: ChatEvent[] = []
    try {
      for (const event of this.#read(frame)) events.push(event)
    } catch (error) {
      events.push(...this.#fail(badResponse(error)))
    }
    return events
  }

  finish(): readonly ChatEvent[] {
    if (this.#ended) return []
    if (this.#finish !== undefined) return [...this.#end()]
    return this.#fail(
      new GatewayError('upstream', 'The provider broke off before its answer was complete.', {
        origin: 'upstream',
        code: 'upstream_truncated',
      }),
    )
  }

  *#read(frame: Frame): Generator<ChatEvent> {
    const data = tryParseJson(frame.data)
    const reader = ObjectReader.of(data ?? null, 'event')
    const type = reader.optionalString('type') ?? frame.event
    switch (type) {
      case 'message_start':
        return yield* this.#messageStart(reader)
      case 'content_block_start':
        return yield* this.#blockStart(reader)
      case 'content_block_delta':
        yield* this.#begin()
        return yield this.#block(reader).delta(reader)
      case 'content_block_stop':
        return yield* this.#blockStop(reader.number('index'))
      case 'message_delta':
        return yield* this.#messageDelta(reader)
      case 'message_stop':
        reader.value('type')
        return yield* this.#end(reader)
      case 'ping':
        return yield { type: 'ping' }
      case 'error':
        return yield* this.#fail(decodeError({ body: reader.source }))
      default:
        yield { type: 'native', dialect: DIALECT, value: { type, ...reader.source } }
    }
  }

  *#messageStart(event: ObjectReader): Generator<ChatEvent> {
    const message = event.object('message')
    const { id, model } = readHead(message)
    if (this.#started !== undefined) return this.#again(id)
    const content = message.optionalItems('content') ?? []
    readFinish(message)
    const usage = message.value('usage')
    this.#started = { id }
    yield {
      type: 'response-start',
      origin: { dialect: DIALECT, provider: this.#context.profile.provider },
      ...compact({ id, model }),
      ...leftovers.kept(message),
    }
    yield* this.#usageUpdate(usage)
    // Calls that were put off come back here, whole.
    for (const block of content) {
      const reader = this.#opened(block.value)
      yield reader.start()
      yield* reader.end()
    }
  }

  /** A second start is an echo of the first, or a provider that began anew after parts had been passed on. */
  #again(id: string | undefined): void {
    if (this.#parts === 0 || id === this.#started?.id) return
    throw new GatewayError('upstream', 'The provider began a second answer in the same stream.', {
      origin: 'upstream',
      code: 'upstream_bad_response',
    })
  }

  *#begin(): Generator<ChatEvent> {
    if (this.#started !== undefined) return
    this.#started = { id: undefined }
    const provider = this.#context.profile.provider
    yield { type: 'response-start', origin: { dialect: DIALECT, provider } }
  }

  *#blockStart(event: ObjectReader): Generator<ChatEvent> {
    yield* this.#begin()
    const index = event.number('index')
    yield* this.#blockStop(index)
    const reader = this.#opened(event.object('content_block').source)
    this.#open.set(index, reader)
    yield reader.start()
  }

  #opened(block: ConstructorParameters<typeof BlockReader>[0]): BlockReader {
    const reader = new BlockReader(block, this.#parts)
    this.#parts += 1
    if (isObject(block) && block['type'] === 'tool_use') this.#called = true
    return reader
  }

  #block(event: ObjectReader): BlockReader {
    const index = event.number('index')
    const block = this.#open.get(index)
    if (block !== undefined) return block
    throw new GatewayError(
      'upstream',
      `The provider went on with block ${index}, which is not open.`,
      {
        origin: 'upstream',
        code: 'upstream_bad_response',
      },
    )
  }

  *#blockStop(index: number): Generator<ChatEvent> {
    const block = this.#open.get(index)
    if (block === undefined) return
    this.#open.delete(index)
    yield* block.end()
  }

  *#messageDelta(event: ObjectReader): Generator<ChatEvent> {
    yield* this.#begin()
    event.value('type')
    const delta = event.optionalObject('delta')
    const finish = delta === undefined ? undefined : readFinish(delta)
    if (finish !== undefined) this.#finish = finish
    const usage = event.value('usage')
    const beside = event.rest() ?? {}
    this.#ending = {
      fields: overlay(this.#ending.fields, { ...delta?.rest(), ...beside }),
      shape: {
        usage: isObject(usage) ? usage : undefined,
        beside: Object.keys(beside).length === 0 ? undefined : Object.keys(beside),
      },
    }
    yield* this.#usageUpdate(usage)
  }

  *#usageUpdate(said: Parameters<typeof decodeUsage>[0]): Generator<ChatEvent> {
    if (!isObject(said)) return
    this.#usage = mergeWireUsage(this.#usage, said)
    const usage = decodeUsage(this.#usage)
    if (usage !== undefined) yield { type: 'usage-update', usage }
  }

  /** `stop` is the reader of `message_stop`, where there was one. */
  *#end(stop?: ObjectReader): Generator<ChatEvent> {
    yield* this.#begin()
    for (const index of this.#open.keys()) yield* this.#blockStop(index)
    const finish = this.#finish ?? { reason: 'other' }
    const { fields, shape } = this.#ending
    yield {
      type: 'candidate-end',
      candidate: 0,
      finish: withCalls(finish, this.#called ? [{ type: 'tool-call' }] : []),
      ...leftovers.keptFields(fields, shape),
    }
    yield { type: 'response-end', ...(stop === undefined ? {} : leftovers.kept(stop)) }
    this.#ended = true
  }

  /** What was counted until here is all there will be. */
  #fail(error: GatewayError): readonly ChatEvent[] {
    this.#ended = true
    const usage = this.#started === undefined ? undefined : decodeUsage(this.#usage)
    const counted = usage?.input ?? usage?.output
    return [
      ...(usage === undefined || counted === undefined
        ? []
        : [{ type: 'usage-update' as const, usage: { ...usage, partial: true as const } }]),
      { type: 'error', error },
    ]
  }
}
