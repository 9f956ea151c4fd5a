// A change that is meant for whatever state there is: where somebody else came first, it is made upon theirs.
import { GatewayError } from '../../canonical/errors.ts'
import type { Expected } from '../../store/documents/document.ts'

const MOST_TRIES = 5

/** `change` reads anew each time. One that is meant for a certain state fails where that is not there any more. */
export async function onceMore<T>(expected: Expected, change: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await change()
    } catch (thrown) {
      const isStale = thrown instanceof GatewayError && thrown.code === 'version_conflict'
      if (!isStale || expected !== 'any' || tries === MOST_TRIES) throw thrown
    }
  }
}
