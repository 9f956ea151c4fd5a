// A provider that cannot read the thinking it is given back, though it is its own: it is asked once more without.
import type { ChatRequest } from '../canonical/request.ts'
import type { Amendment } from './amendment.ts'
import { withoutState } from './lowering/without-state.ts'

const pass = withoutState(
  'the provider could not read the state it was given back: it was asked again without it',
)

/** Undefined where there is no state to leave out. */
export function withoutRefusedState(
  request: ChatRequest,
): (Amendment & { readonly request: ChatRequest }) | undefined {
  const { value, notes } = pass(request)
  return value === request ? undefined : { request: value, notes }
}
