// A route as it is stored: the body that set it.
import { GatewayError } from '../../canonical/errors.ts'
import { route, toRoute } from '../../config/route-schema.ts'
import type { Route } from '../../routing/route.ts'
import type { Json, JsonObject } from '../../wire/json.ts'

export function routeBody(body: Json): JsonObject {
  return { route: body }
}

/** Throws where it is none: somebody has written into the database by hand. */
export function storedRoute(name: string, document: JsonObject): Route {
  const parsed = route.safeParse(document['route'])
  if (parsed.success) return toRoute(name, parsed.data)
  throw new GatewayError(
    'internal',
    `What is stored of the route "${name}" cannot be read. Remove it and set it anew.`,
    { code: 'store_corrupt' },
  )
}
