// All checks of the doctor, in the order in which things are needed.
import { stat } from 'node:fs/promises'
import { loadConfig } from '../../config/load.ts'
import type { PatchbayConfig } from '../../config/schema.ts'
import { detectProviders } from '../../providers/detect.ts'
import { createTransport } from '../../transport/http-transport.ts'
import { toFailure } from '../exit.ts'
import type { SharedOptions } from '../options.ts'
import type { Terminal } from '../terminal.ts'
import { type Finding, fail, ok, warn } from './check.ts'
import { checkKeys } from './key-checks.ts'
import { checkEmbeddedModel } from './embedded-check.ts'
import {
  checkBoot,
  checkDataFolder,
  checkExposure,
  checkNode,
  checkPort,
  checkTls,
} from './machine-checks.ts'

/** A wrong configuration ends the examination early: the rest would look in the wrong places. */
export async function examine(
  terminal: Terminal,
  options: SharedOptions,
): Promise<readonly Finding[]> {
  const node = checkNode(process.versions.node)
  const { config, finding } = await readConfig(terminal, options)
  if (config === undefined) return [node, finding]
  return [
    node,
    finding,
    await checkFileMode(config),
    ...(await checkBoot({
      env: terminal.env,
      execArgv: process.execArgv,
      version: process.versions.node,
      nowMs: Date.now(),
      dataDir: config.dataDir,
    })),
    checkExposure(config),
    await checkTls(config),
    await checkDataFolder(config.dataDir),
    await checkPort(terminal, config),
    await checkProviders(terminal, config),
    await checkKeys(terminal, options),
    await checkEmbeddedModel(config.dataDir),
  ].flatMap((entry) => entry ?? [])
}

async function readConfig(
  { env, cwd }: Terminal,
  { config: file }: SharedOptions,
): Promise<{ readonly config?: PatchbayConfig; readonly finding: Finding }> {
  try {
    const config = await loadConfig({ env, cwd, ...(file === undefined ? {} : { file }) })
    const source = config.file ?? 'no patchbay.yaml, so the defaults hold'
    return { config, finding: ok('configuration', source) }
  } catch (thrown) {
    const { message, next = 'See docs/configuration.md' } = toFailure(thrown)
    return { finding: fail('configuration', message, next) }
  }
}

/** A file that may hold a key is for its owner only. */
async function checkFileMode({ file, providers }: PatchbayConfig): Promise<Finding | undefined> {
  if (file === undefined || process.platform === 'win32') return undefined
  if (providers.every(({ apiKey, apiKeys = [] }) => apiKey === undefined && apiKeys.length === 0)) {
    return undefined
  }
  const { mode } = await stat(file)
  if ((mode & 0o044) === 0) return undefined
  return warn(
    'configuration file',
    `other users can read ${file}, which is harmless only if its keys are all written as \${NAME}`,
    `chmod 600 ${file}`,
  )
}

async function checkProviders({ env }: Terminal, config: PatchbayConfig): Promise<Finding> {
  const transport = createTransport()
  try {
    const { signal } = new AbortController()
    const detected = await detectProviders({ env, transport, signal })
    const found = [
      ...config.providers.map((provider) => `${provider.name} (configured)`),
      ...detected.map((provider) => provider.line),
    ]
    if (found.length > 0) return ok('providers', found.join('; '))
    return warn(
      'providers',
      'none is configured, no key is in the environment, and no Ollama answers',
      'The embedded model answers. For others: patchbay providers add, or set a key such as OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY or MISTRAL_API_KEY.',
    )
  } finally {
    await transport.close()
  }
}
