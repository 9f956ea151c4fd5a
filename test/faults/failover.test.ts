// Faults before the first content: with a sound target behind the broken one, no client sees any of them.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { dialects } from '../../src/dialects/registry.ts'
import { type Bench, openBench } from './bench.ts'
import { type Script, answers, raw, refusal } from './fault.ts'

const FAULTS: readonly (readonly [what: string, script: Script])[] = [
  ['is reset as soon as it is there', [{ at: 'connect', do: 'reset' }]],
  ['is closed as soon as it is there', [{ at: 'connect', do: 'fin' }]],
  ['is reset once the request is read', [{ at: 'head', do: 'reset' }]],
  ['is closed once the request is read', [{ at: 'head', do: 'fin' }]],
  ['is not HTTP', raw('SSH-2.0-OpenSSH_9.6\r\n')],
  ['is HTML', answers('<html>Log in</html>', 'text/html')],
  ['is half of some JSON', answers('{"id":')],
  ['is a 500', refusal(500, { error: { message: 'x' } })],
  ['is a 503', refusal(503, { error: { message: 'x' } })],
  ['is a 529', refusal(529, { error: { message: 'x' } })],
  ['is cut in its head', raw('HTTP/1.1 200 OK\r\ncontent-ty')],
]

let bench: Bench

beforeEach(async () => {
  bench = await openBench()
})

afterEach(async () => {
  await bench.close()
})

describe('where the first target’s answer', () => {
  it.each(FAULTS)(
    '%s, the next one’s comes',
    async (_what, script) => {
      bench.broken.script(() => script)
      for (const { id } of dialects) {
        for (const streamed of [false, true]) {
          const seen = await bench.ask({ dialect: id, model: `route-${id}`, streamed })
          const { status, headers, isWhole } = seen
          const told = { id, streamed, status, isWhole, attempts: headers['x-patchbay-attempts'] }
          expect(told).toEqual({ id, streamed, status: 200, isWhole: true, attempts: '2' })
        }
      }
    },
    20_000,
  )
})
