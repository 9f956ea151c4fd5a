// What an answer's headers say of the limits that its provider keeps, in every spelling that vendors have.
import type { WireHeaders } from '../wire/message.ts'
import { numberIn, pointMs, spanMs } from '../wire/wait.ts'

/** One allowance: so many requests or tokens until it fills up again. */
interface RateLimitBucket {
  /** As the vendor calls it: `requests`, `tokens-minute`, `input-tokens`. */
  readonly name: string
  readonly counts: 'requests' | 'tokens'
  readonly limit?: number
  readonly remaining?: number
  /** Milliseconds since 1970. */
  readonly resetAtMs?: number
}

export interface RateLimitState {
  /** Milliseconds since 1970. */
  readonly seenAtMs: number
  readonly buckets: readonly RateLimitBucket[]
}

type Field = 'limit' | 'remaining' | 'reset'

interface Spelling {
  readonly pattern: RegExp
  readonly name: (suffix: string) => string
}

/** The second is Together's; in the third, bare `x-ratelimit-limit` counts requests (Together, OpenRouter). */
const SPELLINGS: readonly Spelling[] = [
  {
    pattern: /^anthropic-ratelimit-(?<name>[a-z-]+)-(?<field>limit|remaining|reset)$/,
    name: (suffix) => suffix,
  },
  { pattern: /^x-tokenlimit-(?<field>limit|remaining|reset)$/, name: () => 'tokens' },
  {
    pattern: /^x-ratelimit-(?<field>limit|remaining|reset)(?:-(?<name>[a-z-]+))?$/,
    name: (suffix) => (suffix === '' ? 'requests' : suffix),
  },
]

/** What a bucket of that name counts: requests, unless it says tokens. Images, pages and seconds are left out. */
const COUNTS: readonly [pattern: RegExp, counts: RateLimitBucket['counts']][] = [
  [/^(?:requests|req)(?:-\w+)?$/, 'requests'],
  [/^(?:minute|hour|day)$/, 'requests'],
  [/^(?:input-|output-|project-)?tokens(?:-\w+)?$/, 'tokens'],
]

/** Undefined where the headers speak of no limit. `nowMs` is since 1970. */
export function rateLimitsIn(headers: WireHeaders, nowMs: number): RateLimitState | undefined {
  let buckets: Map<string, RateLimitBucket> | undefined
  for (const header of Object.keys(headers)) {
    const place = placeOf(header)
    if (place === undefined) continue
    const { name, counts, field } = place
    const text = (headers[header] ?? '').trim()
    const value = field === 'reset' ? resetAt(text, nowMs) : numberIn(text)
    if (value === undefined) continue
    const key = field === 'reset' ? 'resetAtMs' : field
    buckets ??= new Map()
    buckets.set(name, { ...(buckets.get(name) ?? { name, counts }), [key]: value })
  }
  return buckets === undefined ? undefined : { seenAtMs: nowMs, buckets: [...buckets.values()] }
}

type Place = Pick<RateLimitBucket, 'name' | 'counts'> & { readonly field: Field }

/** Hosts send the same few headers with every answer. */
const places = new Map<string, Place | undefined>()
/** Names that are remembered. */
const PLACES = 500

function placeOf(header: string): Place | undefined {
  // Every spelling has it, and few other headers.
  if (!header.includes('limit-')) return undefined
  if (places.has(header)) return places.get(header)
  const place = placeIn(header)
  if (places.size >= PLACES) places.clear()
  places.set(header, place)
  return place
}

function placeIn(header: string): Place | undefined {
  for (const { pattern, name } of SPELLINGS) {
    const groups = pattern.exec(header)?.groups
    if (groups === undefined) continue
    const field = FIELDS.find((known) => known === groups['field'])
    const called = name(groups['name'] ?? '')
    const counts = COUNTS.find(([known]) => known.test(called))?.[1]
    return field === undefined || counts === undefined ? undefined : { name: called, counts, field }
  }
  return undefined
}

const FIELDS: readonly Field[] = ['limit', 'remaining', 'reset']

/** A span from now, or a point in time. */
function resetAt(text: string, nowMs: number): number | undefined {
  const span = spanMs(text, 1000)
  return span === undefined ? pointMs(text) : nowMs + Math.ceil(span)
}

/** Milliseconds until the last of the empty buckets fills up; undefined where none is known to be empty. One that does not say what is left may be. */
export function waitFor(state: RateLimitState | undefined): number | undefined {
  const buckets = state?.buckets ?? []
  const waits = (left: number | undefined): readonly number[] =>
    buckets.flatMap(({ remaining, resetAtMs }) =>
      remaining === left && resetAtMs !== undefined ? [resetAtMs - (state?.seenAtMs ?? 0)] : [],
    )
  const known = waits(0)
  const likely = known.length === 0 ? waits(undefined) : known
  return likely.length === 0 ? undefined : Math.max(0, ...likely)
}
