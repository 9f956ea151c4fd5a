// What a thousand requests lower to, in one line: printed when run, so that two processes can be compared.
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { requestArbitrary } from '../../src/dialects/lowering/request.arbitrary.ts'
import { dialects } from '../../src/dialects/registry.ts'
import { PROFILE, RUNS } from './runs.ts'

const SEED = 38

export function digestOfLowered(): string {
  const hash = createHash('sha256')
  for (const request of fc.sample(requestArbitrary, { seed: SEED, numRuns: RUNS.numRuns })) {
    for (const to of dialects) hash.update(JSON.stringify(to.lower(request, PROFILE)))
  }
  return hash.digest('hex')
}

if (import.meta.main) process.stdout.write(`${digestOfLowered()}\n`)
