// Settings of other wires in the words and ranges of this one.
import type { Note } from '../../canonical/note.ts'
import { type Pass, unchanged } from '../lowering/pass.ts'
import { omit } from '../lowering/rewrite.ts'
import { unsupported } from '../lowering/unsupported.ts'
import { leftovers } from './extension.ts'

/** What other wires call the tiers; a tier left to the provider is not said. */
const TIERS: ReadonlyMap<string, string | undefined> = new Map([
  ['standard', 'standard'],
  ['default', 'standard'],
  ['standard_only', 'standard'],
  ['flex', 'flex'],
  ['priority', 'priority'],
  ['auto', undefined],
])

export const serviceTier: Pass = (request) => {
  const { service } = request
  const tier = service?.tier
  if (service === undefined || tier === undefined || TIERS.get(tier) === tier) {
    return unchanged(request)
  }
  const known = TIERS.get(tier)
  const rest = omit(service, ['tier'])
  const value = { ...request, service: known === undefined ? rest : { ...rest, tier: known } }
  if (TIERS.has(tier)) return { value, notes: [] }
  const note: Note = {
    action: 'dropped',
    feature: 'service_tier',
    path: 'service.tier',
    weight: 1,
    reason: 'the target has no such tier',
    from: tier,
  }
  return { value, notes: [note] }
}

const SEED_RANGE = 2 ** 31

/** Seeds have 31 bits here; equal seeds stay equal. */
export const seedRange: Pass = (request) => {
  const { seed } = request.sampling
  if (seed === undefined) return unchanged(request)
  const small = Math.abs(Math.trunc(seed)) % SEED_RANGE
  if (small === seed) return unchanged(request)
  const note: Note = {
    action: 'approximated',
    feature: 'seed',
    path: 'sampling.seed',
    weight: 0,
    reason: 'the target takes seeds of 31 bits',
    from: seed,
    to: small,
  }
  return { value: { ...request, sampling: { ...request.sampling, seed: small } }, notes: [note] }
}

/** An empty list of stop strings is refused, and so is an empty one among them. */
export const someStops: Pass = (request) => {
  const { stop } = request.sampling
  if (stop === undefined || (stop.length > 0 && !stop.includes(''))) return unchanged(request)
  const filled = stop.filter((text) => text !== '')
  const rest = omit(request.sampling, ['stop'])
  const sampling = filled.length === 0 ? rest : { ...rest, stop: filled }
  const value = { ...request, sampling }
  if (filled.length === stop.length) return { value, notes: [] }
  const note: Note = {
    action: 'dropped',
    feature: 'stop',
    path: 'sampling.stop',
    weight: 0,
    reason: 'the target takes no empty stop string',
    from: stop.length,
    to: filled.length,
  }
  return { value, notes: [note] }
}

const withoutStrict = unsupported({ features: ['strict'] })

/** Here not a tool is strict but the whole choice: calls are held to their schemas where the model is free to make none. */
export const strictTools: Pass = (request) => {
  const { toolChoice, tools = [] } = request
  const strict = tools.some((tool) => tool.kind === 'function' && tool.strict === true)
  const free = toolChoice === undefined || toolChoice.mode === 'auto'
  const { value, notes } = withoutStrict(request)
  if (!strict || !free) return { value, notes }
  const validated = leftovers.keptFields(undefined, { mode: 'VALIDATED' })
  const choice = { mode: 'auto' as const, ...toolChoice, ...validated }
  return {
    value: { ...value, toolChoice: choice },
    notes: notes.map((note) =>
      note.weight === 0
        ? note
        : {
            ...note,
            action: 'approximated',
            weight: 1,
            reason: 'the target holds all calls to their schemas or none',
          },
    ),
  }
}
