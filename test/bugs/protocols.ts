// The six protocols by name, and every client with every provider of another protocol.
import type { Dialect } from '../../src/dialects/dialect.ts'
import { dialects } from '../../src/dialects/registry.ts'

export const IDS = [
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini',
  'mistral-chat',
  'ollama',
] as const

export type Id = (typeof IDS)[number]

export interface Pair {
  readonly from: Id
  readonly to: Id
}

export const PAIRS: readonly Pair[] = IDS.flatMap((from) =>
  IDS.filter((to) => to !== from).map((to) => ({ from, to })),
)

/** A client's protocol with every provider of another. */
export function from(id: Id): readonly Pair[] {
  return PAIRS.filter((pair) => pair.from === id)
}

/** Every client of another protocol with one provider's. */
export function to(id: Id): readonly Pair[] {
  return PAIRS.filter((pair) => pair.to === id)
}

export function dialectOf(id: Id): Dialect {
  const dialect = dialects.find((one) => one.id === id)
  if (dialect === undefined) throw new Error(`There is no dialect ${id}.`)
  return dialect
}
