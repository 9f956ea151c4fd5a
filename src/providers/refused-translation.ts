// The one place where losses in translation are weighed against the policy.
import { GatewayError, REFUSED_TRANSLATION } from '../canonical/errors.ts'
import { type Note, type Policy, refusedNotes } from '../canonical/note.ts'

/** Throws `unsupported` when one of the losses weighs more than the policy lets pass; `param` is where the first stands. */
export function assertTranslatable(name: string, policy: Policy, notes: readonly Note[]): void {
  const refusal = refusedTranslation(name, policy, notes)
  if (refusal !== undefined) throw refusal
}

/** What assertTranslatable throws; undefined where it throws nothing. */
export function refusedTranslation(
  name: string,
  policy: Policy,
  notes: readonly Note[],
): GatewayError | undefined {
  const refused = refusedNotes(policy, notes)
  const [first] = refused
  if (first === undefined) return undefined
  const reasons = new Set(
    refused.map((note) => `${note.feature} would be ${note.action} (${note.reason})`),
  )
  return new GatewayError(
    'unsupported',
    `Provider "${name}" cannot be asked this: ${[...reasons].join('; ')}. ${advice(notes)}`,
    { code: REFUSED_TRANSLATION, param: first.path, origin: 'client' },
  )
}

function advice(notes: readonly Note[]): string {
  return refusedNotes('lenient', notes).length === 0
    ? 'Leave it out, use another model, or allow the loss with the policy "lenient" (header x-patchbay-policy).'
    : 'Leave it out, or use another model: no policy lets safety and privacy get lost.'
}
