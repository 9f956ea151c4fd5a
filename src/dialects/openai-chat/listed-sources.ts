// Addresses that a host lists beside its answer rather than in it: Perplexity's and xAI's `citations`, with titles from `search_results`.
import { compact } from '../../canonical/compact.ts'
import type { Citation, Part } from '../../canonical/part.ts'
import { type Json, type JsonObject, isArray, isObject } from '../../wire/json.ts'
import { OPENAI_CHAT } from './wire-types.ts'

/** They cover the whole text: which of them stands for which words, the host does not say. */
export function listedSources(body: JsonObject): readonly Citation[] {
  if (body['search_results'] === undefined && body['citations'] === undefined) return []
  const results = itemsOf(body['search_results']).filter((one) => isObject(one))
  const titles = new Map(results.map(({ url, title }) => [url, title]))
  const listed = itemsOf(body['citations']).filter((one) => typeof one === 'string')
  const urls =
    listed.length > 0 ? listed : results.flatMap(({ url }) => (typeof url === 'string' ? url : []))
  return [...new Set(urls)].map((url) => {
    const title = titles.get(url)
    return {
      kind: 'url',
      url,
      ...compact({ title: typeof title === 'string' ? title : undefined }),
      extensions: { [OPENAI_CHAT]: { shape: { listed: true } } },
    }
  })
}

/** On this wire the list itself says it. */
export function isListed({ extensions }: Citation): boolean {
  return extensions?.[OPENAI_CHAT]?.shape?.['listed'] === true
}

/** With the sources on the text that ends the answer, unless it cites by itself. */
export function withSources(parts: readonly Part[], sources: readonly Citation[]): readonly Part[] {
  const last = parts.at(-1)
  if (sources.length === 0 || last?.type !== 'text' || last.citations !== undefined) return parts
  return [...parts.slice(0, -1), { ...last, citations: sources }]
}

function itemsOf(value: Json | undefined): readonly Json[] {
  return isArray(value) ? value : []
}
