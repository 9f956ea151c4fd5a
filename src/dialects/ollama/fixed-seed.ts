// Seeds of other wires: here a negative one asks for chance, the opposite of what its sender wants.
import type { Pass } from '../lowering/pass.ts'
import { omit } from '../lowering/rewrite.ts'

/** Drops a negative seed. */
export const fixedSeed: Pass = (request) => {
  const { seed } = request.sampling
  if (seed === undefined || seed >= 0) return { value: request, notes: [] }
  return {
    value: { ...request, sampling: omit(request.sampling, ['seed']) },
    notes: [
      {
        action: 'dropped',
        feature: 'seed',
        path: 'sampling.seed',
        weight: 2,
        reason: 'the target takes a negative seed for none',
        from: seed,
      },
    ],
  }
}
