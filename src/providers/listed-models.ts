// A host's whole list of models, page by page where it has pages.
import type { Json } from '../canonical/json.ts'
import type { ModelCard } from '../canonical/model-card.ts'
import type { ModelsCodec } from '../dialects/dialect.ts'

/** Of up to a thousand models each. */
const PAGES = 50

export type PageQuery = Readonly<Record<string, string>>

/** A cursor that comes twice, and a page without an end, end the list: what was there is the list. */
export async function listedModels(
  codec: Pick<ModelsCodec, 'decodeList' | 'nextPage'>,
  fetchPage: (query: PageQuery) => Promise<Json>,
): Promise<readonly ModelCard[]> {
  const cards: ModelCard[] = []
  const seen = new Set<string>()
  let query: PageQuery | undefined = {}
  while (query !== undefined && seen.size < PAGES && !seen.has(JSON.stringify(query))) {
    seen.add(JSON.stringify(query))
    const body: Json = await fetchPage(query)
    cards.push(...codec.decodeList(body))
    query = codec.nextPage?.(body)
  }
  return cards
}
