// Items one after the other as events: each is announced, told piece by piece, and said once more as a whole.
import { Collector } from '../../canonical/collect.ts'
import type { ChatEvent } from '../../canonical/event.ts'
import type { Part, TokenLogprob } from '../../canonical/part.ts'
import type { JsonObject } from '../../wire/json.ts'
import { isShown } from './hosted-work.ts'
import { LogprobDealer } from './logprobs.ts'
import { readNative } from './native-frame.ts'
import {
  type ItemGroup,
  type ItemSpelling,
  encodeOutputItem,
  isSpoken,
  joins,
  mintedItemId,
} from './output.ts'
import type { PartWriter } from './part-writer.ts'
import { announced } from './work-writer.ts'
import { writerOf } from './writer-of.ts'

type PartStart = Extract<ChatEvent, { readonly type: 'part-start' }>
type PartStep = Extract<
  ChatEvent,
  { readonly type: 'part-start' | 'part-delta' | 'part-end' | 'native' | 'logprobs' }
>
export type { PartStep }

interface OpenItem {
  readonly id: string
  readonly index: number
  readonly offset: number
  readonly kind: ItemGroup['kind']
  readonly parts: Part[]
}

interface OpenPart {
  readonly collector: Collector
  readonly writer: PartWriter
  readonly logprobs: TokenLogprob[]
}

type Events = readonly JsonObject[]

/** Takes the steps of one part after the other. An item ends when the next begins, as its message may go on. */
export class ItemStream {
  readonly items: JsonObject[] = []
  readonly #requestId: string
  readonly #maker: string
  readonly #logprobs = new Map<Part, readonly TokenLogprob[]>()
  readonly #closed: { readonly item: OpenItem; readonly status: ItemSpelling['status'] }[] = []
  #item: OpenItem | undefined
  #part: OpenPart | undefined
  #text = 0

  /** `maker`: the dialect that the answer came from. */
  constructor(requestId: string, maker: string) {
    this.#requestId = requestId
    this.#maker = maker
  }

  write(step: PartStep): Events {
    if (step.type === 'part-start') return this.#start(step)
    const part = this.#part
    if (part === undefined) return []
    switch (step.type) {
      case 'part-delta':
        part.collector.add(step)
        return part.writer.delta(step.delta)
      case 'logprobs':
        part.logprobs.push(...step.logprobs)
        return []
      case 'native':
        return this.#native(step, part)
      case 'part-end':
        part.collector.add(step)
        return this.#end(part)
    }
  }

  /** Probabilities that come once their texts have ended are told with the items that hold them. */
  late(list: readonly TokenLogprob[]): void {
    const silent = [...this.#logprobs].filter(
      ([part, known]) => part.type === 'text' && known.length === 0,
    )
    const dealer = new LogprobDealer(list, silent.length)
    for (const [part] of silent) {
      if (part.type === 'text') this.#logprobs.set(part, dealer.take(part))
    }
    for (const { item, status } of this.#closed) {
      this.items[item.index] = this.#encoded(item, status)
    }
  }

  /** Ends what is open. */
  close(status: 'completed' | 'incomplete'): Events {
    const item = this.#item
    if (item === undefined) return []
    this.#item = undefined
    const whole = this.#encoded(item, status)
    this.items.push(whole)
    this.#closed.push({ item, status })
    return [{ type: 'response.output_item.done', output_index: item.index, item: whole }]
  }

  #start(start: PartStart): Events {
    const { part } = start
    const same = joins(part, this.#item?.parts.at(-1))
    const closed = same ? [] : this.close('completed')
    const opened = same ? [] : this.#open(part)
    const item = this.#item
    if (item === undefined) return closed
    const collector = new Collector({ origin: { dialect: this.#maker }, model: '' })
    collector.add({ ...start, candidate: 0 })
    const logprobs: TokenLogprob[] = []
    const writer = writerOf(part, {
      item_id: item.id,
      output_index: item.index,
      content_index: item.parts.length,
      offset: this.#text,
      logprobs,
    })
    this.#part = { collector, writer, logprobs }
    return [...closed, ...opened, ...writer.start()]
  }

  #open(part: Part): Events {
    const index = this.items.length
    const kind = isSpoken(part) ? 'message' : 'single'
    const id = mintedItemId(part, this.#requestId, index)
    const parts = [part]
    const draft = { id, index, kind, offset: this.#text, parts } as const
    const item = opening(encodeOutputItem(draft, this.#spelling(draft, 'in_progress')))
    const known = typeof item['id'] === 'string' && item['id'] !== '' ? item['id'] : id
    this.#item = { ...draft, id: known, parts: [] }
    return [
      { type: 'response.output_item.added', output_index: index, item: { ...item, id: known } },
    ]
  }

  /** With the id that it was announced with. */
  #encoded(item: OpenItem, status: ItemSpelling['status']): JsonObject {
    return { ...encodeOutputItem(item, this.#spelling(item, status)), id: item.id }
  }

  #spelling(item: OpenItem, status: ItemSpelling['status']): ItemSpelling {
    return {
      id: item.id,
      status,
      maker: this.#maker,
      offset: item.offset,
      logprobs: (part) => this.#logprobs.get(part) ?? [],
    }
  }

  #native(step: Extract<PartStep, { readonly type: 'native' }>, part: OpenPart): Events {
    const native = readNative(step.value)
    const item = this.#item
    if (native === undefined || item === undefined) return []
    if ('segment' in native) {
      return part.writer.divide?.(native.segment.slot, native.segment.index) ?? []
    }
    const named = native.event['item_id'] === undefined ? {} : { item_id: item.id }
    return [{ ...native.event, ...named, output_index: item.index }]
  }

  #end({ collector, writer, logprobs }: OpenPart): Events {
    this.#part = undefined
    const whole = collector.response().candidates[0]?.parts[0]
    if (whole === undefined) return []
    this.#logprobs.set(whole, logprobs)
    this.#item?.parts.push(whole)
    const events = writer.end(whole)
    if (whole.type === 'text') this.#text += whole.text.length
    return events
  }
}

/** An item as it is announced: without what its events will tell. */
function opening(item: JsonObject): JsonObject {
  const { status } = item
  const unfinished = typeof status === 'string' ? { status: 'in_progress' } : {}
  switch (item['type']) {
    case 'message':
      return { ...item, ...unfinished, content: [] }
    case 'reasoning': {
      const { encrypted_content: _, content, ...rest } = item
      return {
        ...rest,
        ...unfinished,
        summary: [],
        ...(content === undefined ? {} : { content: [] }),
      }
    }
    case 'function_call':
      return { ...item, ...unfinished, arguments: '' }
    case 'custom_tool_call':
      return { ...item, ...unfinished, input: '' }
    default:
      return isShown(item) ? announced(item) : item
  }
}
