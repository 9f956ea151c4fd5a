// Where real parts that tests need are kept from one run to the next.
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'

/** `$PATCHBAY_TEST_CACHE`, else a folder in the system's place for caches. */
export function testCache(): string {
  const { PATCHBAY_TEST_CACHE: own = '', XDG_CACHE_HOME: shared = '', LOCALAPPDATA } = process.env
  if (own !== '') return own
  if (shared !== '') return join(shared, 'patchbay-test')
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'patchbay-test')
  if (process.platform === 'win32') return join(LOCALAPPDATA ?? tmpdir(), 'patchbay-test')
  return join(homedir(), '.cache', 'patchbay-test')
}

/** A real part, or why there is none. */
export type RealPart<T> =
  | { readonly value: T; readonly reason?: undefined }
  | { readonly value?: undefined; readonly reason: string }

/** With `PATCHBAY_REAL=required` a part that cannot be had is a failure; else its tests are skipped, with the reason. */
export async function realPart<T>(prepare: () => Promise<T>): Promise<RealPart<T>> {
  try {
    return { value: await prepare() }
  } catch (error) {
    if (process.env['PATCHBAY_REAL'] === 'required') throw error
    return { reason: error instanceof Error ? error.message : String(error) }
  }
}

/** What only a machine can permit, such as to mount a disk: nobody can install it, so that it is never required. */
export async function permittedPart<T>(prepare: () => Promise<T>): Promise<RealPart<T>> {
  try {
    return { value: await prepare() }
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) }
  }
}
