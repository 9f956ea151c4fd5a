// Changes patchbay.yaml the way its owner would: comments, order and the rest of the file stay.
import { type Document, isMap, isSeq, parseDocument } from 'yaml'
import { GatewayError } from '../canonical/errors.ts'

/** A provider as it is to stand in the file. A key is only ever written as the variable that holds it. */
export interface ProviderEntry {
  readonly name: string
  readonly type: string
  readonly baseUrl?: string
  /** The name of an environment variable. */
  readonly keyVariable?: string
  readonly models?: readonly string[]
  readonly defaultModel?: string
}

/** The file's text with one more provider, which replaces one of the same name; `makeDefault` names it the default. */
export function withProvider(
  text: string,
  entry: ProviderEntry,
  options: { readonly makeDefault: boolean },
): string {
  const document = editable(text)
  const node = document.createNode({
    name: entry.name,
    type: entry.type,
    ...(entry.baseUrl === undefined ? {} : { base_url: entry.baseUrl }),
    ...(entry.keyVariable === undefined ? {} : { api_key: `\${${entry.keyVariable}}` }),
    ...(entry.models === undefined ? {} : { models: entry.models }),
    ...(entry.defaultModel === undefined ? {} : { default_model: entry.defaultModel }),
  })
  const list = document.get('providers')
  if (isSeq(list)) {
    const at = list.items.findIndex((item) => isMap(item) && item.get('name') === entry.name)
    if (at === -1) list.add(node)
    else list.set(at, node)
  } else document.set('providers', document.createNode([node]))
  if (options.makeDefault) document.set('default_provider', entry.name)
  return document.toString({ lineWidth: 0 })
}

function editable(text: string): Document {
  const document = parseDocument(text, { prettyErrors: false })
  const { contents } = document
  if (document.errors.length === 0 && (contents === null || isMap(contents))) return document
  throw new GatewayError(
    'invalid_request',
    'The configuration file is not valid, so nothing was written to it. See: patchbay doctor',
    { code: 'config' },
  )
}
