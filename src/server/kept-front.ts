// Where kept answers are served: the endpoints that a dialect has for them, at their own path and under its prefix.
import type { GatewayError } from '../canonical/errors.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { KeptEndpoint, KeptOperation, Keeping } from '../dialects/keeping.ts'
import { ownerOf } from './auth.ts'
import type { ChatDesk } from './chat.ts'
import { JSON_HEADERS, type Outbound } from './message.ts'
import type { Call, Route } from './route.ts'
import { Shelf } from './shelf.ts'

const SUMMARIES: Readonly<Record<KeptOperation, string>> = {
  retrieve: 'Get a stored answer',
  remove: 'Delete a stored answer',
  inputs: 'List what a stored answer was made from',
  cancel: 'Cancel an answer: always refused, none runs in the background',
}

/** All routes of a dialect for what is kept; none where nothing can be. */
export function keptRoutes(
  dialect: Dialect,
  { answers: store }: Pick<ChatDesk, 'answers'>,
): readonly Route[] {
  const { keeping, prefix } = dialect
  if (keeping === undefined) return []
  return ['', prefix].flatMap((mount) =>
    keeping.endpoints.map(({ method, path, operation }) => ({
      method,
      path: `${mount}${path}`,
      access: 'client' as const,
      endpoint: 'responses' as const,
      writeError: (error: GatewayError, requestId: string) =>
        dialect.error.encode(error, requestId),
      description: { summary: SUMMARIES[operation], group: dialect.id },
      handle: (call: Call) =>
        answer(operation, call, {
          keeping,
          shelf: new Shelf({ keeping, store, owner: ownerOf(call.caller) }),
        }),
    })),
  )
}

interface Desk {
  readonly keeping: Keeping
  readonly shelf: Shelf
}

async function answer(
  operation: KeptEndpoint['operation'],
  { params, query }: Call,
  { keeping, shelf }: Desk,
): Promise<Outbound> {
  const kept = await shelf.find(params['id'] ?? '')
  const before = operation === 'inputs' ? await shelf.before(kept) : []
  const body = keeping.reply(operation, { kept, before, query })
  if (operation === 'remove') await shelf.remove(kept.id)
  return { status: 200, headers: JSON_HEADERS, body }
}

/** What is said at a place of a vendor's that is not served; undefined where the path is no such place. */
export function refusalAt(path: string, dialects: readonly Dialect[]): GatewayError | undefined {
  const places = dialects.flatMap(({ keeping, prefix }) =>
    (keeping?.unserved ?? []).flatMap((place) => [
      place,
      { ...place, path: `${prefix}${place.path}` },
    ]),
  )
  return places.find((place) => path === place.path || path.startsWith(`${place.path}/`))?.refusal()
}
