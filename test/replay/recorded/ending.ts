// How a recorded answer ended, by the tables of the fact sheets: from each protocol's own word, and what else decides.
import type { Heard } from '../../second-opinion/heard.ts'
import { objectAt, objectsIn, textAt } from '../../second-opinion/heard.ts'

export type Ending =
  | 'stop'
  | 'stop-sequence'
  | 'length'
  | 'tools'
  | 'filter'
  | 'refusal'
  | 'pause'
  | 'malformed'
  | 'other'

const WORDS: Readonly<Record<string, Readonly<Record<string, Ending>>>> = {
  'openai-chat': {
    stop: 'stop',
    length: 'length',
    tool_calls: 'tools',
    function_call: 'tools',
    content_filter: 'filter',
  },
  'openai-responses': {
    completed: 'stop',
    'incomplete max_output_tokens': 'length',
    'incomplete content_filter': 'filter',
  },
  'anthropic-messages': {
    end_turn: 'stop',
    stop_sequence: 'stop-sequence',
    max_tokens: 'length',
    model_context_window_exceeded: 'length',
    tool_use: 'tools',
    refusal: 'filter',
    pause_turn: 'pause',
  },
  gemini: {
    STOP: 'stop',
    MAX_TOKENS: 'length',
    SAFETY: 'filter',
    RECITATION: 'filter',
    BLOCKLIST: 'filter',
    PROHIBITED_CONTENT: 'filter',
    SPII: 'filter',
    MODEL_ARMOR: 'filter',
    LANGUAGE: 'filter',
    IMAGE_SAFETY: 'filter',
    MALFORMED_FUNCTION_CALL: 'malformed',
    UNEXPECTED_TOOL_CALL: 'malformed',
  },
  'mistral-chat': { stop: 'stop', length: 'length', model_length: 'length', tool_calls: 'tools' },
  ollama: { stop: 'stop', length: 'length' },
}

/** What the protocol's own word for an end says, by itself; some hosts end without one. */
export function endingIn(protocol: string, heard: Heard, bytes: string): Ending {
  const word = [heard.finish, ...reasonsIn(bytes)].join(' ')
  return word === '' ? 'stop' : (WORDS[protocol]?.[word] ?? 'other')
}

export function endingOf(protocol: string, heard: Heard, bytes: string): Ending {
  const ending = endingIn(protocol, heard, bytes)
  if (ending === 'stop' && (heard.calls.length > 0 || searchesByClient(bytes))) return 'tools'
  return ending === 'stop' && heard.refusal !== '' ? 'refusal' : ending
}

/** The client itself is to look for tools. */
function searchesByClient(bytes: string): boolean {
  const items = objectsIn(bytes).map((one) => objectAt(one, 'item'))
  return items.some(({ type, execution }) => type === 'tool_search_call' && execution === 'client')
}

/** Only Responses has one: the last word of its last event. */
function reasonsIn(bytes: string): readonly string[] {
  const whys = objectsIn(bytes).flatMap((one) => {
    const inside = objectAt(one, 'response')
    const reason = textAt(objectAt(inside, 'incomplete_details'), 'reason')
    return [reason, textAt(objectAt(one, 'incomplete_details'), 'reason')]
  })
  const [last] = whys.filter((why) => why !== '').slice(-1)
  return last === undefined ? [] : [last]
}
