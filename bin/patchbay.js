#!/usr/bin/env node
// Starts Patchbay. Plain JavaScript that an old Node can read, so that it can say which one is needed.
import { existsSync } from 'node:fs'
import { refusalFor } from './node-version.js'

const refusal = refusalFor(process.versions.node)
if (refusal === undefined) {
  // A checkout has the source, and what was built there may be older; the package has only what was built.
  const source = new URL('../src/cli.ts', import.meta.url)
  const built = new URL('../dist/cli.js', import.meta.url)
  const { main } = await import(existsSync(source) ? source.href : built.href)
  process.exitCode = await main()
} else {
  process.stderr.write(`${refusal}\n`)
  process.exitCode = 1
}
