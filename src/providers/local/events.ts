// The worker's news as chat events.
import { GatewayError } from '../../canonical/errors.ts'
import type { ChatEvent } from '../../canonical/event.ts'
import type { Part } from '../../canonical/part.ts'
import type { Finish } from '../../canonical/response.ts'
import type { FunctionTool } from '../../canonical/tool.ts'
import type { Usage } from '../../canonical/usage.ts'
import { mintToolId } from '../../dialects/lowering/tool-ids.ts'
import type { JobEnd, JobNews } from './worker/protocol.ts'

export interface EventsContext {
  /** Seeds the id of a tool call; the answer's own id is for the client's dialect to make. */
  readonly id: string
  readonly model: string
  readonly provider: string
  readonly createdMs: number
  /** The answer's text is the arguments of a call of this tool. */
  readonly tool?: FunctionTool
}

// The events are made here, from no wire; no dialect has this name.
const ORIGIN = 'local'

/** Ends in response-end, or throws the GatewayError that the worker told of. */
export async function* eventsOfJob(
  news: AsyncIterable<JobNews>,
  context: EventsContext,
): AsyncGenerator<ChatEvent> {
  const { model, provider, createdMs, tool } = context
  for await (const item of news) {
    switch (item.type) {
      case 'begun':
        yield {
          type: 'response-start',
          origin: { dialect: ORIGIN, provider, model },
          model,
          createdMs,
        }
        yield { type: 'part-start', index: 0, candidate: 0, part: emptyPart(context) }
        break
      case 'text':
        yield { type: 'part-delta', index: 0, delta: { kind: 'text', text: item.text } }
        break
      case 'ended':
        if (item.end.reason === 'cancelled') {
          throw new GatewayError('cancelled', 'The call was cancelled.')
        }
        yield { type: 'part-end', index: 0 }
        yield { type: 'candidate-end', candidate: 0, finish: finishOf(item.end, tool) }
        yield { type: 'usage-update', usage: usageOf(item.end) }
        yield { type: 'response-end' }
        break
      case 'refused':
        throw refusal(item)
      case 'embedded':
      case 'counted':
        break
    }
  }
}

/** What the worker says of an order that it could not carry out. */
export function refusal({ kind, message }: Extract<JobNews, { type: 'refused' }>): GatewayError {
  return new GatewayError(kind, message, {
    origin: kind === 'internal' ? 'upstream' : 'client',
    ...(kind === 'context_length' ? { code: 'context_length_exceeded' } : {}),
  })
}

function emptyPart({ id, tool }: EventsContext): Part {
  if (tool === undefined) return { type: 'text', text: '' }
  return {
    type: 'tool-call',
    kind: 'function',
    callId: mintToolId(id),
    callIdMinted: true,
    name: tool.name,
    arguments: { text: '' },
  }
}

function finishOf(end: JobEnd, tool: FunctionTool | undefined): Finish {
  if (end.reason === 'stop' && tool !== undefined) return { reason: 'tool-calls' }
  const reason = end.reason === 'cancelled' ? 'other' : end.reason
  return end.stopSequence === undefined ? { reason } : { reason, stopSequence: end.stopSequence }
}

function usageOf(end: JobEnd): Usage {
  return {
    input: { total: end.inputTokens, cacheRead: end.cachedTokens },
    output: { total: end.outputTokens },
    timing: { promptMs: Math.round(end.promptMs), outputMs: Math.round(end.outputMs) },
  }
}
