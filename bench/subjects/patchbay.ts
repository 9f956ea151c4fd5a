// Patchbay itself, from this checkout: bare (no keys, nothing kept), and as it is used.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { familyOf } from '../process-cost.ts'
import { freePort, start } from '../processes.ts'
import type { Lane, Started, Subject, Upstream } from '../subject.ts'

const PROGRAM = fileURLToPath(new URL('../../bin/patchbay.js', import.meta.url))

/** `bare`: no keys, no store. `real`: what a team runs: a key for each caller, limits, the record of usage, metrics, a log. */
type Profile = 'bare' | 'real'

/** With what else Node is to be started: a profiler, say. */
export function patchbay(profile: Profile, nodeArgs: readonly string[] = []): Subject {
  return {
    name: `patchbay ${profile}`,
    role: 'ours',
    missing: async () => undefined,
    start: async (upstream) => started(profile, upstream, nodeArgs),
  }
}

async function started(
  profile: Profile,
  upstream: Upstream,
  nodeArgs: readonly string[],
): Promise<Started> {
  const folder = mkdtempSync(join(tmpdir(), 'patchbay-bench-'))
  const port = await freePort()
  const config = join(folder, 'patchbay.yaml')
  writeFileSync(config, `${common(port, upstream)}${OWN[profile]}`)
  const log = profile === 'real' ? ['--log', 'json'] : ['--log', 'off']
  const running = start('gateway', {
    program: process.execPath,
    args: [...nodeArgs, PROGRAM, 'serve', '--config', config, '--no-detect', ...log],
    env: { PATCHBAY_HOME: join(folder, 'home'), NODE_ENV: 'production' },
  })
  const key = profile === 'real' ? await clientKey(running.line) : undefined
  const at = `http://127.0.0.1:${port}`
  await running.ready(`${at}/readyz`)
  return {
    lanes: lanes(`${at}/v1/chat/completions`, key),
    pids: () => familyOf(running.pid),
    stop: async () => {
      await running.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function clientKey(
  line: (test: (line: string) => boolean) => Promise<string>,
): Promise<string> {
  const shown = await line((text) => text.includes('pb_live_'))
  return /pb_live_\w+/.exec(shown)?.[0] ?? ''
}

function lanes(url: string, key: string | undefined): readonly Lane[] {
  const headers: Record<string, string> =
    key === undefined ? {} : { authorization: `Bearer ${key}` }
  return [
    { kind: 'pass', url, headers, model: (pace) => pace },
    { kind: 'patch', url, headers, model: (pace) => `up/${pace}` },
    { kind: 'translate', url, headers, model: (pace) => `claude/${pace}` },
  ]
}

function common(port: number, { url }: Upstream): string {
  return `
server:
  host: 127.0.0.1
  port: ${port}
  open: true
default_provider: up
providers:
  - name: up
    type: custom
    base_url: ${url}/v1
    api_key: sk-bench
    models: [m, paced, slow]
  - name: claude
    type: custom
    base_url: ${url}/v1
    api_key: sk-bench
    models: [m, paced, slow]
    settings:
      dialect: anthropic-messages
health:
  probes: false
`
}

const OWN: Readonly<Record<Profile, string>> = {
  bare: `
metrics:
  enabled: false
store:
  url: "memory:"
ledger:
  records: budgeted
response_store:
  enabled: false
`,
  real: `
prices:
  up/m: { input: 1, output: 2 }
  up/paced: { input: 1, output: 2 }
  up/slow: { input: 1, output: 2 }
  claude/m: { input: 1, output: 2 }
  claude/paced: { input: 1, output: 2 }
  claude/slow: { input: 1, output: 2 }
budgets:
  rules:
    - { scope: installation, usd: 1000000, period: total }
limits:
  rules:
    - scope: key
      requests: { per_minute: 100000000 }
      tokens: { per_minute: 100000000000 }
      concurrency: 20000
`,
}
