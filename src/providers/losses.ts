// Losses that are more than the policy lets pass: the request is refused before anybody is asked.
import { GatewayError } from '../canonical/errors.ts'
import { type Note, type Policy, refusedNotes } from '../canonical/note.ts'

/** Throws GatewayError unsupported, with the first loss that the policy does not allow. */
export function assertBearable(provider: string, policy: Policy, notes: readonly Note[]): void {
  const refused = refusedNotes(policy, notes)[0]
  if (refused === undefined) return
  const { feature, path, action, reason } = refused
  const what = feature === path ? feature : `${feature} at ${path}`
  throw new GatewayError(
    'unsupported',
    `Provider "${provider}" cannot be asked this: ${what} would be ${action} (${reason}). Change the request, or use a more lenient policy.`,
    { code: 'translation_refused', param: path, origin: 'client' },
  )
}
