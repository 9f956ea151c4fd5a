// LiteLLM's proxy (PyPI: litellm[proxy]), where the command is on the path.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { familyOf } from '../process-cost.ts'
import { freePort, start } from '../processes.ts'
import type { Lane, Subject } from '../subject.ts'

/** It does not start without one. */
const KEY = 'sk-bench-3f9a1c7e5d2b4860'

export const litellm: Subject = {
  name: 'litellm',
  role: 'peer',
  missing: async () =>
    spawnSync('litellm', ['--help']).status === 0
      ? undefined
      : 'not installed (pip install "litellm[proxy]")',
  start: async ({ url }) => {
    const folder = mkdtempSync(join(tmpdir(), 'patchbay-bench-litellm-'))
    const port = await freePort()
    const config = join(folder, 'config.yaml')
    const models = ['m', 'paced', 'slow'].flatMap((pace) => [
      entry(pace, `openai/${pace}`, `${url}/v1`),
      entry(`claude-${pace}`, `anthropic/${pace}`, url),
    ])
    writeFileSync(
      config,
      `model_list:\n${models.join('')}general_settings: { master_key: ${KEY} }\n`,
    )
    const { pid, stop, ready } = start('gateway', {
      program: 'litellm',
      args: ['--config', config, '--port', String(port), '--host', '127.0.0.1'],
    })
    await ready(`http://127.0.0.1:${port}/health/liveliness`, 120_000)
    const at = `http://127.0.0.1:${port}/v1/chat/completions`
    const pass: Lane = {
      kind: 'pass',
      url: at,
      headers: { authorization: `Bearer ${KEY}` },
      model: (pace) => pace,
    }
    return {
      lanes: [pass, { ...pass, kind: 'translate', model: (pace) => `claude-${pace}` }],
      pids: () => familyOf(pid),
      stop: async () => {
        await stop()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  },
}

function entry(name: string, model: string, base: string): string {
  return `  - model_name: ${name}\n    litellm_params: { model: ${model}, api_base: ${base}, api_key: sk-bench }\n`
}
