// After a working day with every failure, and a crash at its end, no secret stands anywhere but where it was put.
import assert from 'node:assert/strict'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { Build } from './build.ts'
import { CRASHING } from './crashing-plugin.ts'
import { SPARES, workADay } from './session.ts'
import type { Stand } from './stand.ts'
import { realTree } from './tree.ts'

describe('a working day of a server', () => {
  const build = new Build(realTree)
  let stand: Stand

  beforeAll(async () => {
    stand = await build.start({
      spares: SPARES,
      plugin: CRASHING,
      config: ['resilience: { max_attempts: 1 }', 'cache: { enabled: true }'],
    })
    await workADay(stand)
  })
  afterAll(async () => build.close())

  it('leaves no secret in log, answers, metrics and files', async () => {
    await stand.assertUnharmed()
    const lines = (await stand.log()).split('\n').length
    assert.ok(lines > 300, `only ${lines} lines of log were looked at`)
    assert.ok(stand.upstream.requests.length > 200)
    assert.ok([...stand.files().keys()].some((path) => path.endsWith('.db')))
  })

  it('leaves none in the report and the last words of a crash', async () => {
    await stand.chat({ body: { model: 'plugged/report' } })
    await stand.chat({ body: { model: 'plugged/crash' } }).catch(() => undefined)
    const { code, stderr } = await stand.ended()
    assert.notEqual(code, 0)
    assert.match(stderr, /lost its mind/)
    assert.ok([...stand.droppedFiles().keys()].length > 0)
    await stand.assertSilent()
  })
})
