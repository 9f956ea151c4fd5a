// The tokenizers that are to be had, by the name of a model, each read when the first text is to be counted with it.
import type { TextCounter, Tokenizer, Tokenizers } from '../usage/tokenizer.ts'
import { BoundedCounter } from './bounded-counter.ts'

type CountTokens = (text: string, options: typeof AS_TEXT) => number

/** What looks like a control token is text: clients send no others. */
const AS_TEXT = { disallowedSpecial: new Set<string>() }

interface Family {
  /** Over the model's name without the maker in front of it. */
  readonly models: RegExp
  readonly framed: boolean
  readonly load: () => Promise<CountTokens>
}

const o200k = async (): Promise<CountTokens> =>
  (await import('gpt-tokenizer/encoding/o200k_base')).countTokens
const cl100k = async (): Promise<CountTokens> =>
  (await import('gpt-tokenizer/encoding/cl100k_base')).countTokens

/**
 * Published by the models' maker (tiktoken, `model.py`); newer names of a series have kept its encoding so far. Three tokens and a
 * role around each message and three at the end are exact for the models that do not think (recorded traffic, 2026-11); those that
 * do count one less in all.
 */
const FAMILIES: readonly Family[] = [
  { models: /^(?:gpt-4o|gpt-4\.[15]|chatgpt-4o)/, framed: true, load: o200k },
  { models: /^(?:gpt-[5-9]|gpt-oss|o[1-9](?:-|$)|codex-)/, framed: false, load: o200k },
  { models: /^(?:gpt-4|gpt-3\.5)/, framed: true, load: cl100k },
  { models: /^text-embedding-(?:3|ada-002)/, framed: true, load: cl100k },
]

/** Clients choose the names of models, so that there is no end to them. */
const MOST_KEPT = 1000

export function modelTokenizers(): Tokenizers {
  const loaded = new Map<Family, Promise<Tokenizer | undefined>>()
  const families = new Map<string, Family | undefined>()
  const familyOf = (model: string): Family | undefined => {
    if (families.has(model)) return families.get(model)
    const name = model.slice(model.lastIndexOf('/') + 1).toLowerCase()
    const family = FAMILIES.find(({ models }) => models.test(name))
    if (families.size >= MOST_KEPT) families.clear()
    families.set(model, family)
    return family
  }
  return {
    of: (model) => {
      const family = familyOf(model)
      if (family === undefined) return undefined
      const known = loaded.get(family) ?? opened(family)
      loaded.set(family, known)
      return known
    },
  }
}

async function opened({ load, framed }: Family): Promise<Tokenizer | undefined> {
  try {
    const countTokens = await load()
    const count = (text: string): number => countTokens(text, AS_TEXT)
    return { framed, counter: (): TextCounter => new BoundedCounter(count) }
  } catch {
    // Without the package it is a guess, as for any other model.
    return undefined
  }
}
