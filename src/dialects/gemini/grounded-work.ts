// `groundingMetadata` and `urlContextMetadata`: what the vendor's tools searched and read where no part of the answer tells of it.
import { compact } from '../../canonical/compact.ts'
import type { HostedSource, HostedWork } from '../../canonical/hosted-work.ts'
import type { OpaquePart, Part } from '../../canonical/part.ts'
import { type Json, type JsonObject, isArray, isObject } from '../../wire/json.ts'
import { GEMINI } from './wire-types.ts'

/** Of a whole candidate: `source` is the wire's own object. */
export function groundedWork(parts: readonly Part[], source: JsonObject): readonly OpaquePart[] {
  const grounded = new GroundedWork()
  for (const part of parts) grounded.see(part)
  grounded.read(source)
  return grounded.parts()
}

/** Searches and pages that a candidate tells of beside its parts only. What its parts tell is not told twice. */
export class GroundedWork {
  #queries: string[] = []
  #found: HostedSource[] = []
  #pages: HostedSource[] = []
  #told = false

  see(part: Part): void {
    if (part.type !== 'opaque' || part.hosted === undefined) return
    if (part.hosted.tool !== 'code-execution') this.#told = true
  }

  /** `candidate` is the wire's own object, whole or of one chunk. */
  read({ groundingMetadata, urlContextMetadata }: JsonObject): void {
    const grounding = isObject(groundingMetadata) ? groundingMetadata : {}
    this.#queries.push(
      ...listIn(grounding['webSearchQueries']).filter((one) => typeof one === 'string'),
    )
    this.#found.push(...listIn(grounding['groundingChunks']).flatMap((chunk) => webIn(chunk)))
    const pages = isObject(urlContextMetadata) ? listIn(urlContextMetadata['urlMetadata']) : []
    this.#pages.push(...pages.flatMap((page) => pageIn(page)))
  }

  /** They stand for what the vendor did; the wire itself has no part for it. */
  parts(): readonly OpaquePart[] {
    if (this.#told) return []
    const search: HostedWork = {
      tool: 'web-search',
      phase: 'both',
      queries: this.#queries,
      ...(this.#found.length === 0 ? {} : { sources: this.#found }),
    }
    const pages = this.#pages.map((page): HostedWork => ({
      tool: 'web-fetch',
      phase: 'both',
      url: page.url,
      sources: [page],
    }))
    return [
      ...pages.map((hosted) => derived('urlContext', hosted)),
      ...(this.#queries.length === 0 ? [] : [derived('googleSearch', search)]),
    ]
  }
}

function derived(what: string, hosted: HostedWork): OpaquePart {
  return { type: 'opaque', origin: { dialect: GEMINI }, hosted, what, native: null }
}

function listIn(value: Json | undefined): readonly Json[] {
  return isArray(value) ? value : []
}

function webIn(chunk: Json): readonly HostedSource[] {
  const web = isObject(chunk) ? chunk['web'] : undefined
  const { uri, title } = isObject(web) ? web : {}
  return typeof uri === 'string' ? [{ url: uri, ...compact({ title: textIn(title) }) }] : []
}

function pageIn(page: Json): readonly HostedSource[] {
  const url = isObject(page) ? textIn(page['retrievedUrl']) : undefined
  return url === undefined ? [] : [{ url }]
}

function textIn(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
