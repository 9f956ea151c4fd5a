// How the tests run: one pool, no retries, no watch; a test that hangs fails.
import { type ViteUserConfig, defineConfig } from 'vitest/config'

const config: ViteUserConfig = defineConfig({
  test: {
    globalSetup: ['test/client-libraries.ts'],
    setupFiles: ['test/setup.ts'],
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 300_000,
    retry: 0,
    passWithNoTests: false,
  },
})

export default config
