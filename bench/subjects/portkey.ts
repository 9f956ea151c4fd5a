// Portkey's open-source gateway, where `npm run peers` has installed it in this folder.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { familyOf } from '../process-cost.ts'
import { freePort, start } from '../processes.ts'
import type { Lane, Subject, Upstream } from '../subject.ts'

/** No dependency: a peer that may be there. */
const PACKAGE = '@portkey-ai/gateway'
const SERVER = fileURLToPath(
  new URL(`../node_modules/${PACKAGE}/build/start-server.js`, import.meta.url),
)

export const portkey: Subject = {
  name: 'portkey',
  role: 'peer',
  missing: async () => (existsSync(SERVER) ? undefined : 'not installed (npm run peers in bench/)'),
  start: async (upstream) => {
    const port = await freePort()
    const { pid, stop, ready } = start('gateway', {
      program: process.execPath,
      args: [SERVER, `--port=${port}`, '--headless'],
      env: { NODE_ENV: 'production', TRUSTED_CUSTOM_HOSTS: '127.0.0.1,localhost' },
    })
    const at = `http://127.0.0.1:${port}`
    await ready(`${at}/`)
    return {
      lanes: [lane('pass', 'openai', at, upstream), lane('translate', 'anthropic', at, upstream)],
      pids: () => familyOf(pid),
      stop,
    }
  },
}

function lane(
  kind: Lane['kind'],
  ...[provider, at, { url }]: readonly [string, string, Upstream]
): Lane {
  return {
    kind,
    url: `${at}/v1/chat/completions`,
    headers: {
      'x-portkey-provider': provider,
      'x-portkey-custom-host': `${url}/v1`,
      authorization: 'Bearer sk-bench',
    },
    model: (pace) => pace,
  }
}
