// Whether the provider keeps the answer: on this wire it does unless told otherwise, which no client of another wire has asked for.
import type { Note } from '../../canonical/note.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import { omit } from '../lowering/rewrite.ts'
import type { Pass } from '../lowering/pass.ts'
import { leftovers } from './extension.ts'
import { OPENAI_RESPONSES } from './wire-types.ts'

/** Always says `store: false`. */
export function notStored(): Pass {
  return (request) => {
    const asked = request.service?.store
    if (asked === false) return { value: request, notes: [] }
    const about = { feature: 'store', path: 'service.store', to: false } as const
    const note: Note =
      asked === undefined
        ? { ...about, action: 'synthesized', weight: 0, reason: 'the target would store answers' }
        : {
            ...about,
            action: 'dropped',
            weight: 1,
            reason: 'what is stored there cannot be found again from here',
            from: true,
          }
    return { value: { ...request, service: { ...request.service, store: false } }, notes: [note] }
  }
}

/**
 * A request of this wire whose answer is kept elsewhere. Only this wire has to be told: no other provider keeps answers
 * unasked, and some do not know the word.
 */
export function unkept(request: ChatRequest): ChatRequest {
  if (request.service?.store === false) return request
  const { service } = request
  const own = request.extensions?.[OPENAI_RESPONSES]
  const shape = { ...own?.shape, store: 'elsewhere' }
  return {
    ...request,
    ...(service === undefined ? {} : { service: omit(service, ['store']) }),
    extensions: { ...request.extensions, [OPENAI_RESPONSES]: { ...own, shape } },
  }
}

/** What the wire says of it. */
export function encodeStore(request: ChatRequest): boolean | undefined {
  return leftovers.shapeOf(request)['store'] === 'elsewhere' ? false : request.service?.store
}
