// One fake upstream for each protocol that has embeddings: it answers as the vendor's fact sheet says, a vector for each text.
import { isArray, isObject, parseJson, type Json, type JsonObject } from '../src/wire/json.ts'
import type { ProviderConfig } from '../src/providers/provider-config.ts'
import { type FakeUpstream, type SeenRequest, openUpstream } from './fake-upstream.ts'

/** Numbers that float32 holds exactly, so that no client's way of reading them changes them. */
export function vectorOf(text: string): readonly number[] {
  return [text.length, -0.5, 0.25]
}

function objectOf(json: Json | undefined): JsonObject {
  return isObject(json) ? json : {}
}

function textsOf(value: Json | undefined): readonly string[] {
  return (isArray(value) ? value : [value]).map((text) => String(text))
}

function listAnswer(seen: SeenRequest, more: JsonObject): JsonObject {
  const { input, model = '' } = objectOf(seen.json)
  const texts = textsOf(input)
  // Out of order: only the index says whose vector it is.
  const data = texts.map((text, index) => ({
    object: 'embedding',
    index,
    embedding: vectorOf(text),
  }))
  const usage = { prompt_tokens: texts.length, total_tokens: texts.length }
  return { object: 'list', data: data.toReversed(), model, usage, ...more }
}

function geminiText(content: Json | undefined): string {
  const { parts } = objectOf(content)
  return (isArray(parts) ? parts : []).map((part) => String(objectOf(part)['text'])).join('')
}

function geminiAnswer({ path, json }: SeenRequest): JsonObject {
  if (path.endsWith(':embedContent')) {
    return { embedding: { values: vectorOf(geminiText(objectOf(json)['content'])) } }
  }
  const { requests } = objectOf(json)
  const texts = (isArray(requests) ? requests : []).map((one) =>
    geminiText(objectOf(one)['content']),
  )
  return {
    embeddings: texts.map((text) => ({ values: vectorOf(text) })),
    usageMetadata: { promptTokenCount: texts.length },
  }
}

/** Ollama has OpenAI's call beside its own. */
function ollamaAnswer(seen: SeenRequest): JsonObject {
  if (seen.path.startsWith('/v1/')) return listAnswer(seen, {})
  const { input, model = '' } = objectOf(seen.json)
  const texts = textsOf(input)
  return {
    model,
    embeddings: texts.map((text) => vectorOf(text)),
    total_duration: 14_000_000,
    load_duration: 1_000_000,
    prompt_eval_count: texts.length,
  }
}

const ANSWERS: Readonly<Record<string, (seen: SeenRequest) => JsonObject>> = {
  openai: (seen) => listAnswer(seen, {}),
  mistral: (seen) => listAnswer(seen, { id: 'emb-1' }),
  google: geminiAnswer,
  ollama: ollamaAnswer,
}

export const EMBEDDING_PROVIDERS: readonly string[] = Object.keys(ANSWERS)

export interface EmbeddingUpstreams {
  /** One for each upstream, named by its type. */
  readonly providers: readonly ProviderConfig[]
  /** The last request that one of them has seen. */
  lastSeen(provider: string): SeenRequest | undefined
  close(): Promise<void>
}

export async function embeddingUpstreams(): Promise<EmbeddingUpstreams> {
  const opened = new Map<string, FakeUpstream>()
  for (const [name, answer] of Object.entries(ANSWERS)) {
    const upstream = await openUpstream()
    upstream.answer((seen) => ({ chunks: [JSON.stringify(answer(seen))] }))
    opened.set(name, upstream)
  }
  return {
    providers: [...opened].map(([name, { url }]) => ({
      providerType: name,
      name,
      apiKey: 'sk-test',
      baseUrl: url,
      models: ['embedder'],
    })),
    lastSeen: (provider) => opened.get(provider)?.requests.at(-1),
    close: async () => {
      for (const upstream of opened.values()) await upstream.close()
    },
  }
}

/** Of a request that was seen. */
export function bodyOf(seen: SeenRequest | undefined): JsonObject {
  return seen === undefined ? {} : objectOf(parseJson(seen.text))
}
