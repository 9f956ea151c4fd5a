// A newer public list, as a file: names of models and what they cost, and nothing else of what it may hold.
import { z } from 'zod'
import { GatewayError } from '../canonical/errors.ts'
import { RATES, THOUSAND_REQUESTS, THOUSAND_SEARCHES } from './listed-price.ts'

/** As much as a hundred times the list of today. */
export const MAX_UPDATE_BYTES: number = 32 * 1024 * 1024
/** US dollars for a million tokens or a thousand calls. */
const dollars = z.number().min(0).max(1_000_000)
const start = z.number().int().min(0).max(1_000_000_000)
const rate = z.union([
  dollars,
  z.object({
    base: dollars,
    tiers: z.array(z.object({ start, price: dollars })).max(20),
  }),
])
const KEYS = [...Object.values(RATES), THOUSAND_REQUESTS, THOUSAND_SEARCHES]
const prices = z.object(Object.fromEntries(KEYS.map((key) => [key, rate.optional()] as const)))
/** Of a date or a time of day; the kind may be left out. */
const constraint = z.union([
  z
    .strictObject({ type: z.literal('start_date').optional(), start_date: z.iso.date() })
    .transform(({ start_date }) => ({ type: 'start_date' as const, start_date })),
  z
    .strictObject({
      type: z.literal('time_of_date').optional(),
      start_time: z.string().max(40),
      end_time: z.string().max(40),
    })
    .transform((one) => ({ ...one, type: 'time_of_date' as const })),
])
const word = z.string().min(1).max(300)

/** No patterns: what a file says must not run over the names that clients send. */
type Match =
  | { equals: string }
  | { starts_with: string }
  | { ends_with: string }
  | { contains: string }
  | { or: Match[] }
  | { and: Match[] }

const match: z.ZodType<Match> = z.lazy(() =>
  z.union([
    z.strictObject({ equals: word }),
    z.strictObject({ starts_with: word }),
    z.strictObject({ ends_with: word }),
    z.strictObject({ contains: word }),
    z.strictObject({ or: z.array(match).max(100) }),
    z.strictObject({ and: z.array(match).max(100) }),
  ]),
)
const model: z.ZodType<UpdatedModel> = z.object({
  id: word,
  match,
  prices: z.union([
    prices,
    z.array(z.object({ constraint: constraint.exactOptional(), prices })).max(50),
  ]),
})
const pattern = z.object({ id: word, match: z.unknown() })
const vendor = z.object({
  id: word,
  models: z.array(z.unknown()).max(20_000),
})
const file = z.array(vendor).min(1).max(1000)

type Prices = Record<
  string,
  number | { base: number; tiers: { start: number; price: number }[] } | undefined
>

type Constraint =
  | { type: 'start_date'; start_date: string }
  | { type: 'time_of_date'; start_time: string; end_time: string }

interface UpdatedModel {
  id: string
  match: Match
  prices: Prices | { constraint?: Constraint; prices: Prices }[]
}

/** A list that was read: by the list's name of the vendor, its models. Where vendors are is never said by it. */
export interface PriceUpdate {
  readonly vendors: ReadonlyMap<string, readonly UpdatedModel[]>
  readonly models: number
  /** Models that are left out because they are told by a pattern: the list that Patchbay brings along has them. */
  readonly skipped: number
}

/** Throws GatewayError invalid_request that says what is wrong, with nothing of it used. */
export function readPriceUpdate(text: string): PriceUpdate {
  const value = parsed(text)
  const list = checked(file, value, 'The list')
  const vendors = new Map<string, readonly UpdatedModel[]>()
  let skipped = 0
  for (const { id, models } of list) {
    const read = models.flatMap((entry) => {
      if (hasPattern(entry)) {
        skipped += 1
        return []
      }
      return [checked(model, entry, `A model of "${shown(id)}"`)]
    })
    vendors.set(id, read)
  }
  const models = [...vendors.values()].reduce((sum, { length }) => sum + length, 0)
  return { vendors, models, skipped }
}

/** What is kept of it, as it is read again. */
export function printPriceUpdate({ vendors }: PriceUpdate): string {
  return `${JSON.stringify([...vendors].map(([id, models]) => ({ id, models })))}\n`
}

function parsed(text: string): unknown {
  if (text.length > MAX_UPDATE_BYTES) {
    throw refused(`The list is longer than ${MAX_UPDATE_BYTES} bytes.`)
  }
  try {
    return JSON.parse(text, (key, value: unknown) => {
      if (key === '__proto__' || key === 'constructor' || key === 'prototype') {
        throw refused(`The list has a key "${key}", which no list of prices has.`)
      }
      return value
    })
  } catch (thrown) {
    if (thrown instanceof GatewayError) throw thrown
    throw refused('The list is no JSON.')
  }
}

function hasPattern(entry: unknown): boolean {
  const read = pattern.safeParse(entry)
  return read.success && JSON.stringify(read.data.match ?? '').includes('"regex":')
}

function checked<Value>(schema: z.ZodType<Value>, value: unknown, what: string): Value {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const path = issue?.path.map(String).join('.') ?? ''
  const place = path === '' ? '' : ` at ${shown(path)}`
  throw refused(`${what} is not as it should be${place}: ${issue?.message ?? 'invalid'}.`)
}

/** What comes from outside is shown short, and without what moves a terminal. */
function shown(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 80)
}

function refused(message: string): GatewayError {
  return new GatewayError('invalid_request', `${message} Nothing of it is used.`, {
    code: 'invalid_price_list',
  })
}
