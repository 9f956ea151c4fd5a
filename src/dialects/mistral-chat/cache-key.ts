// Prompt caching: Mistral takes a key, and no marks or retention.
import type { Pass } from '../lowering/pass.ts'
import { omit } from '../lowering/rewrite.ts'
import { unsupported } from '../lowering/unsupported.ts'

const withoutCaching = unsupported({ features: ['caching'] })

/** Keeps the key and notes the rest as dropped. */
export const cacheKeyOnly: Pass = (request) => {
  const { key, ...rest } = request.caching ?? {}
  if (key === undefined) return withoutCaching(request)
  const bare = omit(request, ['caching'])
  const more = Object.keys(rest).length > 0
  const { value, notes } = withoutCaching(more ? { ...bare, caching: rest } : bare)
  const same = value === bare && !more
  return { value: same ? request : { ...value, caching: { key } }, notes }
}
