// How the tests run: one pool, no retries, no watch; a test that hangs fails.
import { type ViteUserConfig, defineConfig } from 'vitest/config'

const config: ViteUserConfig = defineConfig({
  test: {
    globalSetup: ['test/client-libraries.ts'],
    setupFiles: ['test/setup.ts'],
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 300_000,
    // Half of a test's time is waiting: with one worker for each core but one the cores stand idle.
    maxWorkers: '100%',
    retry: 0,
    passWithNoTests: false,
  },
})

export default config
