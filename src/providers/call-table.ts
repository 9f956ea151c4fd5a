// What may be asked of a host: the calls of its protocol and nothing beside, so that whatever else it serves stays out of reach.
import { GatewayError } from '../canonical/errors.ts'
import type { Dialect, Endpoint } from '../dialects/dialect.ts'
import type { CatalogRow } from './catalog-row.ts'

/** Throws GatewayError permission unless the call is on the list. */
export type CallTable = (method: string, path: string) => void

/** What clients know of a protocol and a gateway refuses is refused on the way out as well. */
export function callTable(
  dialect: Pick<Dialect, 'endpoints' | 'models'>,
  row: Pick<CatalogRow, 'listPath' | 'alivePath'>,
): CallTable {
  const calls = dialect.endpoints.flatMap((endpoint) =>
    endpoint.operation === 'unserved' ? [] : [{ method: endpoint.method, path: pattern(endpoint) }],
  )
  const { listPath, running } = dialect.models
  const free = new Set(
    [listPath, running?.path, row.listPath, row.alivePath].flatMap((path) =>
      path === undefined ? [] : [pathOf(path)],
    ),
  )
  return (method, path) => {
    const asked = pathOf(path)
    const isListed =
      (method === 'GET' && free.has(asked)) ||
      calls.some((call) => call.method === method && call.path.test(asked))
    if (isListed && !climbs(asked)) return
    throw new GatewayError('permission', 'The provider is not asked that: no call leads there.', {
      code: 'path_forbidden',
    })
  }
}

/** Clients and base URLs disagree on who says the version. */
export function bareOfVersion(path: string): string {
  return path.replace(/^(?:\/v\d+\w*)+(?=\/)/, '')
}

function pathOf(path: string): string {
  return bareOfVersion(path.replace(/\?.*$/, ''))
}

function pattern({ path, verbs }: Endpoint): RegExp {
  const bare = bareOfVersion(path)
  const [parameter] = /:\w+/.exec(bare) ?? []
  if (parameter === undefined) return new RegExp(`^${literal(bare)}$`)
  const [before = '', after = ''] = bare.split(parameter)
  const start = literal(before)
  const own = after.replace(/^:/, '')
  // At the root a name says its collection itself.
  const name = before === '/' ? '[^/]+(?:/[^/]+)?' : '[^/]+'
  // A verb that nobody names is the chat's: it has one for streams.
  const words = verbs === undefined ? '[A-Za-z]+' : [own, ...verbs].map(literal).join('|')
  return new RegExp(`^${start}${name}${after.startsWith(':') ? `:(?:${words})` : ''}$`)
}

function literal(text: string): string {
  return text.replaceAll(/[^\w/]/g, '\\$&')
}

function climbs(path: string): boolean {
  return path.split('/').some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment))
}
