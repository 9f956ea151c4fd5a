// The recorded chat exchanges of the corpus, each with the provider that plays it; and what is left out, with the reason.
import type { ProviderConfig } from '../../../src/providers/provider-config.ts'
import { isArray } from '../../../src/wire/json.ts'
import { compatibleHosts } from '../../compatible-hosts.ts'
import { type CorpusCase, corpusCases } from '../../corpus.ts'

/** How a protocol's exchanges are known, and who of its vendors' own makes them. */
interface Spoken {
  /** The dialect's id. */
  readonly protocol: string
  readonly apis: readonly string[]
  /** Its vendor's folder of the corpus, and the vendor's provider type. */
  readonly folder: string
  readonly providerType: string
  /** What the vendor's base URL ends in. */
  readonly base: string
}

const SPOKEN: readonly Spoken[] = [
  {
    protocol: 'openai-chat',
    apis: ['chat.completions'],
    folder: 'openai-chat',
    providerType: 'openai',
    base: '/v1',
  },
  {
    protocol: 'openai-responses',
    apis: ['responses'],
    folder: 'openai-responses',
    providerType: 'openai',
    base: '/v1',
  },
  {
    protocol: 'anthropic-messages',
    apis: ['messages'],
    folder: 'anthropic-messages',
    providerType: 'anthropic',
    base: '',
  },
  {
    protocol: 'gemini',
    apis: ['generateContent', 'streamGenerateContent'],
    folder: 'gemini',
    providerType: 'google',
    base: '/v1beta',
  },
  {
    protocol: 'mistral-chat',
    apis: ['chat'],
    folder: 'mistral',
    providerType: 'mistral',
    base: '/v1',
  },
  { protocol: 'ollama', apis: ['chat'], folder: 'ollama', providerType: 'ollama', base: '' },
]

const COMPATIBLE = 'openai-compatible'

/** Operations of the corpus that no chat client asks for. */
const NO_CHAT: Readonly<Record<string, string>> = {
  audio: 'no chat',
  batchEmbedContents: 'no chat',
  batches: 'no chat',
  complete: "Anthropic's API before Messages: no client here speaks it",
  completions: "OpenAI's API before Chat Completions: no client here speaks it",
  count_tokens: 'no chat',
  countTokens: 'no chat',
  embed: 'no chat',
  embedContent: 'no chat',
  embeddings: 'no chat',
  files: 'no chat',
  generate: 'Ollama is asked for chats',
  images: 'no chat',
  interactions: "Google's stateful API: no client here speaks it",
  models: 'no chat',
  moderations: 'no chat',
  ocr: 'no chat',
  predict: 'no chat',
  pull: 'no chat',
  rerank: 'no chat',
  'responses.compact': 'no chat',
  'responses.input_tokens': 'no chat',
  tags: 'no chat',
}

const AS_A_LIST = 'a stream as one JSON list: the gateway asks for events'

export interface Recording extends CorpusCase {
  readonly protocol: string
  /** The folder of the host, such as `openrouter`; absent where it is the protocol's own vendor. */
  readonly host?: string
  /** The name of its provider in the gateway. */
  readonly provider: string
  readonly providerType: string
  /** The last part of the case's name. */
  readonly title: string
}

/** Every recorded chat, in order; none where there is no corpus. */
export function recordings(): readonly Recording[] {
  return SPOKEN.flatMap((spoken) => [
    ...corpusCases(spoken.folder)
      .filter(({ api, response }) => spoken.apis.includes(api) && !isArray(response))
      .map((one) => own(one, spoken)),
    ...corpusCases(COMPATIBLE)
      .filter(({ api }) => spoken.apis.includes(api))
      .map((one) => atHost(one, spoken)),
  ])
}

function own(one: CorpusCase, { protocol, folder, providerType }: Spoken): Recording {
  const title = lastOf(one.name)
  return { ...one, protocol, provider: providerName(folder, one), providerType, title }
}

function atHost(one: CorpusCase, { protocol }: Spoken): Recording {
  const [, host = ''] = one.name.split('/')
  const { providerType = '' } = compatibleHosts[host] ?? {}
  const title = lastOf(one.name)
  const provider = providerName(`${host}.${protocol}`, one)
  return { ...one, protocol, host, provider, providerType, title }
}

/** A refusal has a provider of its own: a key that was refused is not tried again for a while. Names have 64 characters. */
function providerName(name: string, one: CorpusCase): string {
  const failed = one.status !== 200 || one.features.includes('error_in_stream')
  // Google's library takes no model's name with two dots in a row.
  return !failed ? name : `${name}.${one.name.slice(-20).replaceAll('/', '-')}`
}

function lastOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1)
}

export interface LeftOut {
  readonly api: string
  readonly count: number
  /** Absent: nobody has said why. */
  readonly reason: string | undefined
}

/** What of the corpus is not played. */
export function leftOut(): readonly LeftOut[] {
  const played = new Set(recordings().map(({ name }) => name))
  const rest = corpusCases('').filter(({ name }) => !played.has(name))
  const apis = [...new Set(rest.map(({ api }) => api))].toSorted()
  return apis.map((api) => ({
    api,
    count: rest.filter((one) => one.api === api).length,
    reason: api === 'streamGenerateContent' ? AS_A_LIST : NO_CHAT[api],
  }))
}

/** Whether an answer in the client's own protocol may pass in its host's spelling, as the host's row has it, or is printed anew. */
export type Way = 'passed' | 'printed'

export const WAYS: readonly Way[] = ['passed', 'printed']

/** The provider that plays it, at an upstream of its protocol: under the name and the rules that it has with users. */
export function providerOf(one: Recording, url: string, way: Way): ProviderConfig {
  const { protocol, host, provider, providerType } = one
  const { settings = {} } = host === undefined ? {} : (compatibleHosts[host] ?? {})
  const vendor = SPOKEN.find((one) => one.protocol === protocol)
  return {
    providerType,
    name: `${provider}.${way}`,
    apiKey: 'sk-canary-0123456789',
    baseUrl: `${url}/${provider}.${way}${vendor?.base ?? ''}`,
    settings: {
      ...settings,
      dialects: [protocol],
      ...(way === 'printed' ? { passThrough: false } : {}),
    },
  }
}

/** The gateway's name for it: the model that was recorded, so that the rules of its family hold, and which of its recordings is meant, for whom. */
export function modelOf({ provider, model, title }: Recording, way: Way, asker: string): string {
  return `${provider}.${way}/${model === '' ? 'recorded' : model}--${title}--${asker}`
}
