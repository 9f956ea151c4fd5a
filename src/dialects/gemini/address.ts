// The path of a call: it names the model and what is to be done with it.
import { GatewayError } from '../../canonical/errors.ts'

export interface Address {
  /** Without `models/`; any other collection, such as `tunedModels/`, is part of the name. */
  readonly model: string
  /** What stands behind the last colon. */
  readonly method: string
}

export const GENERATE = ['generateContent', 'streamGenerateContent'] as const
export const EMBED = ['embedContent', 'batchEmbedContents'] as const
export const COUNT = ['countTokens'] as const
const METHODS: readonly string[] = [...GENERATE, ...EMBED, ...COUNT]

const RESOURCE = /(?:^|\/)(?<collection>models|tunedModels)\/(?<rest>.+)$/

/** The AI SDK leaves the collection out where a model's name has a slash in it, as ours have. */
const BARE = /(?:^|\/)v1beta\/(?<rest>.+)$/

/** A model's name may hold slashes, raw or encoded, and colons: the method, one of these, stands after the last colon. */
export function readAddress(path: string, methods: readonly string[]): Address {
  const { collection = 'models', rest = '' } =
    (RESOURCE.exec(path) ?? BARE.exec(path))?.groups ?? {}
  const colon = rest.lastIndexOf(':')
  const method = rest.slice(colon + 1)
  if (colon === -1 || !methods.includes(method)) {
    const served = METHODS.map((known) => `models/{model}:${known}`).join(', ')
    throw new GatewayError(
      'not_found',
      `There is no such call: ${path}. Patchbay serves ${served}.`,
      { origin: 'client', code: 'unknown_method' },
    )
  }
  return { model: resourceId(collection, decoded(rest.slice(0, colon))), method }
}

function resourceId(collection: string, name: string): string {
  return collection === 'models' ? name : `${collection}/${name}`
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** A name cannot open path segments of its own. */
export function printAddress({ model, method }: Address): string {
  const [, collection = 'models', name = model] = /^(tunedModels)\/(.+)$/s.exec(model) ?? []
  return `/v1beta/${collection}/${encodeURIComponent(name)}:${method}`
}

/** A model's name as its collection has it. */
export function resourceName(model: string): string {
  return /^(?:models|tunedModels)\//.test(model) ? model : `models/${model}`
}
