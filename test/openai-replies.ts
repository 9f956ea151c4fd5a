// What an OpenAI-compatible upstream says, as scripts for the fake one.
import { type Json, isObject } from '../src/wire/json.ts'
import type { ScriptedReply } from './fake-upstream.ts'

const USAGE = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 }
const HEAD = { id: 'chatcmpl-1', created: 1_767_268_800, model: 'tiny' }

/** A whole answer. */
export function completion(text: string): ScriptedReply {
  const message = { role: 'assistant', content: text }
  const choices = [{ index: 0, message, finish_reason: 'stop' }]
  return json({ ...HEAD, object: 'chat.completion', choices, usage: USAGE })
}

/** A streamed answer, one chunk a word of `texts`. */
export function streamed(texts: readonly string[]): ScriptedReply {
  return stream([...texts.map((text) => contentChunk(text)), ...ENDING])
}

/** Whichever of the two the request wants. */
export function asAsked(body: Json | undefined, texts: readonly string[]): ScriptedReply {
  return wantsStream(body) ? streamed(texts) : completion(texts.join(''))
}

export function wantsStream(body: Json | undefined): boolean {
  return isObject(body) && body['stream'] === true
}

/** Any frames as a stream of server-sent events. */
export function stream(
  frames: readonly string[],
  ending: ScriptedReply['ending'] = 'end',
): ScriptedReply {
  return { headers: { 'content-type': 'text/event-stream' }, chunks: frames, ending }
}

export function contentChunk(text: string): string {
  return chunk({ choices: [{ index: 0, delta: { role: 'assistant', content: text } }] })
}

/** Finish, usage and the mark of the end. */
export const ENDING: readonly string[] = [
  chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
  chunk({ choices: [], usage: USAGE }),
  'data: [DONE]\n\n',
]

export function modelList(names: readonly string[]): ScriptedReply {
  return json({ object: 'list', data: names.map((id) => ({ id, object: 'model' })) })
}

export function json(value: Json, status = 200): ScriptedReply {
  return { status, chunks: [JSON.stringify(value)] }
}

function chunk(fields: { readonly [key: string]: Json }): string {
  return frame({ ...HEAD, object: 'chat.completion.chunk', ...fields })
}

export function frame(value: Json): string {
  return `data: ${JSON.stringify(value)}\n\n`
}
