// What a stream's frames amount to, by dialect, worked out without the codecs.
import { assembleChunks as assembleGemini } from '../../src/dialects/gemini/assembled-chunks.contract.ts'
import { assembleChunks as assembleMistral } from '../../src/dialects/mistral-chat/assembled-chunks.contract.ts'
import { assembleLines } from '../../src/dialects/ollama/assembled-lines.contract.ts'
import { assembleChunks as assembleChat } from '../../src/dialects/openai-chat/assembled-chunks.contract.ts'
import { type Json, isArray, isObject } from '../../src/wire/json.ts'

/** Frames that are events keep their number and order; chunks may be cut otherwise, as long as they add up to the same. */
const ASSEMBLERS: Readonly<Record<string, (frames: readonly Json[]) => Json>> = {
  gemini: assembleGemini,
  'mistral-chat': assembleMistral,
  ollama: assembleLines,
  'openai-chat': (frames) => sorted(assembleChat(frames)),
}

export function assembled(dialect: string, frames: readonly Json[]): Json {
  return ASSEMBLERS[dialect]?.(frames) ?? frames
}

/** A choice that has said nothing yet may open later than the next. */
function sorted(answer: Json): Json {
  const choices = isObject(answer) ? answer['choices'] : undefined
  if (!isObject(answer) || !isArray(choices)) return answer
  return { ...answer, choices: choices.toSorted((left, right) => placeOf(left) - placeOf(right)) }
}

function placeOf(choice: Json): number {
  return Number(isObject(choice) ? choice['index'] : 0)
}
