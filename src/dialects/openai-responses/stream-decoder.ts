// Frames to events. Items are known by their number: some hosts change the ids between two events of one item.
import { GatewayError } from '../../canonical/errors.ts'
import type { ChatEvent } from '../../canonical/event.ts'
import type { Part } from '../../canonical/part.ts'
import type { ChatResponse } from '../../canonical/response.ts'
import { WireError } from '../../wire/errors.ts'
import type { Frame } from '../../wire/frame.ts'
import { type JsonObject, isArray, isObject, tryParseJson } from '../../wire/json.ts'
import type { DecodeContext, StreamDecoder } from '../dialect.ts'
import { error } from './error.ts'
import { leftovers } from './extension.ts'
import { type AnswerTally, LiveItem, objectAt } from './live-item.ts'
import { decodeHead, finishOf } from './response.ts'
import { decodeUsage } from './usage.ts'
import { DONE, OPENAI_RESPONSES } from './wire-types.ts'

type Events = readonly ChatEvent[]

/** Told by the item's own end, or of no meaning on another connection. */
const SILENT: ReadonlySet<string> = new Set([
  'response.queued',
  'response.in_progress',
  'response.output_text.done',
  'response.refusal.done',
  'response.function_call_arguments.done',
  'response.custom_tool_call_input.done',
  'response.reasoning_text.done',
  'response.reasoning_summary_text.done',
  'response.reasoning_summary_part.done',
])

const TERMINAL: ReadonlySet<string> = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'response.cancelled',
])

export class ResponseDecoder implements StreamDecoder {
  readonly #context: DecodeContext
  readonly #items = new Map<number, LiveItem>()
  readonly #said: Part[] = []
  readonly #tally: AnswerTally = { seed: 'answer', parts: 0, text: 0 }
  #started = false
  #ended = false

  constructor(context: DecodeContext) {
    this.#context = context
  }

  write(frame: Frame): Events {
    if (this.#ended) return []
    const data = frame.data.trim()
    if (data === '') return []
    if (data === DONE) return this.finish()
    const event = tryParseJson(data)
    if (!isObject(event)) return this.#stop(malformed('a piece that is not a JSON object'))
    const { type = frame.event } = event
    try {
      const events = this.#event(typeof type === 'string' ? type : '', event)
      this.#remember(events)
      return events
    } catch (thrown) {
      if (thrown instanceof WireError) return this.#stop(malformed(thrown.message))
      throw thrown
    }
  }

  finish(): Events {
    return this.#ended ? [] : this.#stop(truncated())
  }

  #event(type: string, event: JsonObject): Events {
    if (type === 'error' || isObject(event['error'])) return this.#fail(event)
    if (type === 'response.created') return this.#start(objectAt(event, 'response'))
    if (TERMINAL.has(type)) return this.#terminal(objectAt(event, 'response'))
    if (type === 'keepalive') return [{ type: 'ping' }]
    if (SILENT.has(type)) return []
    const index = event['output_index']
    if (typeof index === 'number') {
      return [...this.#start({}), ...this.#itemEvent(type, event, index)]
    }
    if (type === '') return []
    const { sequence_number: _, ...kept } = event
    const value = { answer: { ...kept, type } }
    return [...this.#start({}), { type: 'native', dialect: OPENAI_RESPONSES, value }]
  }

  #start(response: JsonObject): Events {
    if (this.#started) return []
    this.#started = true
    const head = decodeHead(response)
    this.#tally.seed = head.id ?? 'answer'
    const origin = { dialect: OPENAI_RESPONSES, provider: this.#context.profile.provider }
    return [{ type: 'response-start', origin, ...head }]
  }

  #itemEvent(type: string, event: JsonObject, index: number): Events {
    const at = numberAt(event, 'content_index')
    switch (type) {
      case 'response.output_item.added':
        return this.#open(index, objectAt(event, 'item'))
      case 'response.output_item.done':
        return this.#close(index, objectAt(event, 'item'))
      case 'response.content_part.added':
        return this.#contentAdded(index, at, objectAt(event, 'part'))
      case 'response.content_part.done':
        this.#items.get(index)?.contentDone(at, objectAt(event, 'part'))
        return []
      case 'response.output_text.delta':
        return this.#in(index, 'message', (item) => item.said(at, 'text', event))
      case 'response.refusal.delta':
        return this.#in(index, 'message', (item) => item.said(at, 'refusal', event))
      case 'response.output_text.annotation.added':
        return this.#in(index, 'message', (item) => item.cited(at, objectAt(event, 'annotation')))
      case 'response.reasoning_summary_part.added':
        return this.#in(index, 'reasoning', (item) =>
          item.divided('summary', numberAt(event, 'summary_index')),
        )
      case 'response.reasoning_summary_text.delta':
        return this.#in(index, 'reasoning', (item) =>
          item.thought('summary', numberAt(event, 'summary_index'), event),
        )
      case 'response.reasoning_text.delta':
        return this.#in(index, 'reasoning', (item) => item.thought('content', at, event))
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        return this.#items.get(index)?.input(event) ?? []
      default: {
        const { sequence_number: _, ...kept } = event
        return this.#items.get(index)?.native({ ...kept, type }) ?? []
      }
    }
  }

  #open(index: number, item: JsonObject): Events {
    if (this.#items.has(index)) return []
    const live = new LiveItem(index, item, this.#tally)
    this.#items.set(index, live)
    return live.open()
  }

  #contentAdded(index: number, at: number, part: JsonObject): Events {
    return part['type'] === 'reasoning_text'
      ? this.#in(index, 'reasoning', (item) => item.divided('content', at))
      : this.#in(index, 'message', (item) => item.contentAdded(at, part))
  }

  /** An item that nobody announced begins with its first event. */
  #in(index: number, type: 'message' | 'reasoning', tell: (item: LiveItem) => Events): Events {
    const opened = this.#open(index, { type })
    const item = this.#items.get(index)
    return item === undefined ? opened : [...opened, ...tell(item)]
  }

  #close(index: number, item: JsonObject): Events {
    const known = this.#items.get(index)
    if (known !== undefined) return known.close(item)
    const fresh = new LiveItem(index, item, this.#tally)
    this.#items.set(index, fresh)
    return fresh.close(item)
  }

  #terminal(response: JsonObject): Events {
    const start = this.#start(response)
    const output = isArray(response['output']) ? response['output'] : []
    const late = [...output.entries()].flatMap(([index, item]) => {
      if (!isObject(item)) return []
      if (this.#expects(index, output.length)) return this.#close(index, item)
      return this.#items.get(index)?.after(item) ?? []
    })
    const unfinished = [...this.#items.values()].flatMap((item) => item.abandon())
    this.#remember([...late, ...unfinished])
    const usage = decodeUsage(response['usage'])
    const before: Events = [
      ...start,
      ...late,
      ...unfinished,
      ...(usage === undefined ? [] : [{ type: 'usage-update' as const, usage }]),
    ]
    if (response['status'] === 'failed' || isObject(response['error'])) {
      return [...before, ...this.#fail(response)]
    }
    this.#ended = true
    return [
      ...before,
      { type: 'candidate-end', candidate: 0, finish: finishOf(response, this.#said) },
      { type: 'response-end', ...endOf(response) },
    ]
  }

  /** Items that were never announced are taken from the end only where their numbers can be trusted. */
  #expects(index: number, count: number): boolean {
    const known = this.#items.get(index)
    return known === undefined ? this.#items.size < count : !known.done
  }

  /** Why an answer ended shows in its parts. */
  #remember(events: Events): void {
    for (const event of events) {
      if (event.type === 'part-start') this.#said.push(event.part)
    }
  }

  #fail(body: JsonObject): Events {
    return this.#stop(error.decode({ status: 200, headers: {}, body }))
  }

  #stop(failure: GatewayError): Events {
    this.#ended = true
    return [{ type: 'error', error: failure }]
  }
}

/** The tier that was asked for may have become another by the end. */
function endOf(response: JsonObject): Pick<ChatResponse, 'extensions' | 'tier'> {
  const { tier, ...head } = decodeHead(response)
  const fields = {
    ...leftovers.fieldsOf(head),
    ...(tier === undefined ? {} : { service_tier: tier }),
  }
  return { ...leftovers.keptFields(fields), ...(tier === undefined ? {} : { tier }) }
}

function numberAt(event: JsonObject, key: string): number {
  const value = event[key]
  return typeof value === 'number' ? value : 0
}

function malformed(what: string): GatewayError {
  return new GatewayError('upstream', `The provider's stream broke its protocol: ${what}.`, {
    origin: 'upstream',
    code: 'upstream_malformed',
  })
}

function truncated(): GatewayError {
  return new GatewayError('upstream', "The provider's stream ended before the answer did.", {
    origin: 'upstream',
    code: 'upstream_truncated',
  })
}
