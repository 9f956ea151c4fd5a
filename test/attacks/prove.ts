// Each attack as two tests: the build as it is holds, and one without the defence does not.
import assert from 'node:assert/strict'
import { afterAll, describe, it } from 'vitest'
import type { Attack } from './attack.ts'
import { Build } from './build.ts'
import { realTree, weakenedTree } from './tree.ts'

/** Registers the tests. The builds as they are share one server. */
export function prove(attacks: readonly Attack[]): void {
  const real = new Build(realTree)
  afterAll(async () => real.close())

  describe.each(attacks)('$id $name', (attack) => {
    it('is held off', async () => {
      try {
        await tryOn(attack, real)
      } finally {
        await real.closeOwn()
      }
    })

    it('gets through where its defence is taken away', async () => {
      const weakened = new Build(weakenedTree(attack.weaken))
      try {
        assert.ok(await getsThrough(attack, weakened), 'the weakened build holds it off as well')
      } finally {
        await weakened.close()
      }
    })
  })
}

/** Throws an AssertionError where it gets through. */
async function tryOn(attack: Attack, build: Build): Promise<void> {
  const names = namesOfEveryObject()
  await attack.run(build)
  await build.assertUnharmed()
  assert.deepEqual(namesOfEveryObject(), names, 'every object has got something new')
}

async function getsThrough(attack: Attack, build: Build): Promise<boolean> {
  try {
    await tryOn(attack, build)
    return false
  } catch (error) {
    if (error instanceof Error && error.name === 'AssertionError') return true
    throw error
  }
}

function namesOfEveryObject(): readonly string[] {
  return [Object.prototype, Array.prototype].flatMap((one) => Object.getOwnPropertyNames(one))
}
