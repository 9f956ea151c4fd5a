// Whose request a captured one is: the protocol whose chat is served at its path.
import { type Id, IDS, dialectOf } from '../bugs/protocols.ts'
import type { CapturedRequest } from '../corpus.ts'

/** Without its query. */
export function pathOf({ path }: CapturedRequest): string {
  return path.split('?')[0] ?? ''
}

/** Undefined for what is no chat. */
export function chatFront(capture: CapturedRequest): Id | undefined {
  if (capture.method !== 'POST' || capture.body === undefined) return undefined
  return IDS.find((id) => servesChat(id, pathOf(capture)))
}

const GENERATES = /:(?:generateContent|streamGenerateContent)$/

/** Mistral's own prefix is the only place where Mistral is served. */
function servesChat(id: Id, path: string): boolean {
  const { endpoints, prefix } = dialectOf(id)
  const places = endpoints.flatMap(({ operation, path: own }) =>
    operation === 'chat' ? [...(id === 'mistral-chat' ? [] : [own]), `${prefix}${own}`] : [],
  )
  return places.some((place) =>
    place.includes(':model')
      ? path.startsWith(place.replace(/:model.*$/, '')) && GENERATES.test(path)
      : path === place,
  )
}

/** The model that a request asks for, in its path or its body. */
export function modelsOf(capture: CapturedRequest): readonly string[] {
  const { body } = capture
  const asked = /\/models\/(.+?)(?::[a-zA-Z]+(?:Content|Contents|Tokens))?$/.exec(pathOf(capture))
  if (asked?.[1] !== undefined) return [decodeURIComponent(asked[1])]
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return []
  const model = Reflect.get(body, 'model')
  return typeof model === 'string' ? [model] : []
}
