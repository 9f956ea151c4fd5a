// Chunks as a host streams them, and what is read of them, for the tests of streams.
import type { ChatEvent } from '../../canonical/event.ts'
import type { Frame } from '../../wire/frame.ts'
import type { JsonObject } from '../../wire/json.ts'
import { emptyRequest } from '../dialect.contract.ts'
import type { DecodeContext } from '../dialect.ts'
import { openaiChat } from './dialect.ts'

export const CONTEXT: DecodeContext = {
  request: emptyRequest('openai-chat'),
  profile: { provider: 'host', flags: {} },
}

export const DONE: Frame = { data: '[DONE]' }

export function chunk(delta: JsonObject, more: JsonObject = {}): Frame {
  const { finish_reason = null, ...head } = more
  const choices = [{ index: 0, delta, finish_reason }]
  return { data: JSON.stringify({ id: 'c1', created: 1, model: 'm', choices, ...head }) }
}

export const STOP: Frame = chunk({}, { finish_reason: 'stop' })

export function decode(frames: readonly Frame[]): readonly ChatEvent[] {
  const decoder = openaiChat.stream.decoder(CONTEXT)
  return [...frames.flatMap((frame) => decoder.write(frame)), ...decoder.finish()]
}
