// The path of a call: it names the model and says whether the answer is to be streamed.
import { GatewayError } from '../../canonical/errors.ts'
import type { WireRequest } from '../../wire/message.ts'

export interface Address {
  /** Without `models/`; any other collection, such as `tunedModels/`, is part of the name. */
  readonly model: string
  readonly streaming: boolean
}

const METHODS: ReadonlyMap<string, boolean> = new Map([
  ['generateContent', false],
  ['streamGenerateContent', true],
])

const RESOURCE = /(?:^|\/)(?<collection>models|tunedModels)\/(?<rest>.+)$/

/** The AI SDK leaves the collection out where a model's name has a slash in it, as ours have. */
const BARE = /(?:^|\/)v1beta\/(?<rest>.+)$/

/** A model's name may hold slashes, raw or encoded, and colons: the method stands after the last colon. */
export function readAddress(path: string): Address {
  const { collection = 'models', rest = '' } =
    (RESOURCE.exec(path) ?? BARE.exec(path))?.groups ?? {}
  const colon = rest.lastIndexOf(':')
  const method = rest.slice(colon + 1)
  const streaming = METHODS.get(method)
  if (colon === -1 || streaming === undefined) {
    throw new GatewayError(
      'not_found',
      `There is no such call: ${path}. Patchbay serves models/{model}:generateContent and models/{model}:streamGenerateContent.`,
      { origin: 'client', code: 'unknown_method' },
    )
  }
  return { model: resourceId(collection, decoded(rest.slice(0, colon))), streaming }
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

/** Without `alt=sse` the vendor streams one JSON array. A name cannot open path segments of its own. */
export function printAddress({ model, streaming }: Address): Pick<WireRequest, 'path' | 'query'> {
  const [, collection = 'models', name = model] = /^(tunedModels)\/(.+)$/s.exec(model) ?? []
  const resource = `/v1beta/${collection}/${encodeURIComponent(name)}`
  return streaming
    ? { path: `${resource}:streamGenerateContent`, query: { alt: 'sse' } }
    : { path: `${resource}:generateContent` }
}

/** A model's name as its collection has it. */
export function resourceName(model: string): string {
  return /^(?:models|tunedModels)\//.test(model) ? model : `models/${model}`
}
