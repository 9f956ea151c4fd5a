// How the tests under load run: one after the other, with time enough, and never within `npm test`.
import { join } from 'node:path'
import { type ViteUserConfig, defineConfig } from 'vitest/config'

const config: ViteUserConfig = defineConfig({
  root: join(import.meta.dirname, '..', '..', '..'),
  test: {
    include: ['test/faults/load/*.load.ts'],
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 60_000,
    retry: 0,
    passWithNoTests: false,
    disableConsoleIntercept: true,
  },
})

export default config
