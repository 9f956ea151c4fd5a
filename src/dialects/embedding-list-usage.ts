// The counts of an embedding in OpenAI's words. What is unknown stays unsaid, unless a strict client would refuse the answer.
import { compact } from '../canonical/compact.ts'
import type { EmbedResponse } from '../canonical/embedding.ts'
import type { Note } from '../canonical/note.ts'
import type { Usage } from '../canonical/usage.ts'
import { type Json, type JsonObject, type ObjectReader, isObject } from '../wire/json.ts'
import type { EmbeddingListWords } from './embedding-list-words.ts'

export function decodeListUsage(reader: ObjectReader, dialect: string): Usage | undefined {
  const value = reader.peek('usage')
  if (!isObject(value)) return undefined
  reader.value('usage')
  const prompt = countOf(value['prompt_tokens'])
  return {
    ...(prompt === undefined ? {} : { input: { total: prompt } }),
    ...compact({ total: countOf(value['total_tokens']) }),
    raw: { dialect, value },
  }
}

function countOf(value: Json | undefined): number | undefined {
  return typeof value === 'number' && value >= 0 ? value : undefined
}

export function encodeListUsage(
  { usage }: EmbedResponse,
  { dialect, strictClients }: Pick<EmbeddingListWords, 'dialect' | 'strictClients'>,
): { readonly usage: Json | undefined; readonly notes: readonly Note[] } {
  if (usage?.raw?.dialect === dialect) return { usage: usage.raw.value, notes: [] }
  const prompt = usage?.input?.total
  const total = usage?.total ?? prompt
  const known: JsonObject = compact({ prompt_tokens: prompt, total_tokens: total })
  if (prompt !== undefined) return { usage: known, notes: [] }
  if (!strictClients) return { usage: undefined, notes: [] }
  const note: Note = {
    action: 'synthesized',
    feature: 'usage',
    path: 'usage',
    weight: 1,
    reason:
      'the provider gave no counts, and clients of this protocol refuse an answer without them',
  }
  return { usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }, notes: [note] }
}
