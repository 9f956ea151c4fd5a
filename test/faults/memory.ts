// What is held in memory outside of JavaScript's own heap, once all that nobody needs is gone.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Sweeping goes on beside the program: it is waited for until nothing more is freed. */
export async function heldBytes(): Promise<number> {
  setFlagsFromString('--expose-gc')
  let held = Infinity
  for (let still = 0; still < 3;) {
    runInNewContext('gc()')
    for (let turn = 0; turn < 20; turn += 1) {
      await new Promise((resolve) => {
        setImmediate(resolve)
      })
    }
    const { arrayBuffers } = process.memoryUsage()
    still = arrayBuffers < held ? 0 : still + 1
    held = Math.min(held, arrayBuffers)
  }
  return held
}
