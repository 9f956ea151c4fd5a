// A real llama.cpp server (PyPI `xllamacpp`, prebuilt) with the embedded model, as an upstream for tests.
import { spawn } from 'node:child_process'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { runCommand } from '../../src/providers/local/command.ts'
import { exists } from '../../src/providers/local/engine.ts'
import { withLock } from '../../src/providers/local/lock.ts'
import { isArray, isObject, parseJson } from '../../src/wire/json.ts'
import { type RealPart, realPart, testCache } from './cache.ts'
import { realModel } from './real-model.ts'

const PACKAGE = 'xllamacpp==2026.10.11549'
const SCRIPT = join(import.meta.dirname, 'llama_server.py')
const PATIENCE_MS = 280_000

export interface LlamaServer {
  /** Without a path: `http://127.0.0.1:<port>`. Its OpenAI-style API is under `/v1`. */
  readonly url: string
  readonly model: string
  /** Whether any of its slots works on a request now. */
  isGenerating(): Promise<boolean>
  /** Resolves when no slot works any more; rejects when the signal aborts first. */
  untilQuiet(signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

export interface LlamaServerOptions {
  /** What it serves besides chats. */
  readonly also?: readonly 'embeddings'[]
}

export async function llamaServer(
  options: LlamaServerOptions = {},
): Promise<RealPart<LlamaServer>> {
  const model = await realModel()
  if (model.value === undefined) return model
  const { modelPath } = model.value
  return realPart(async () => start(await ensurePackage(), [modelPath, ...(options.also ?? [])]))
}

/** The folder with the package, fetched by pip on first use. */
async function ensurePackage(): Promise<string> {
  const folder = join(testCache(), PACKAGE.replace('==', '-'))
  const signal = AbortSignal.timeout(PATIENCE_MS)
  await withLock({ path: `${folder}.lock`, signal }, async () => {
    if (await exists(folder)) return
    const temporary = `${folder}.part`
    await rm(temporary, { recursive: true, force: true })
    await mkdir(temporary, { recursive: true })
    const args = ['-m', 'pip', 'install', '--no-deps', '--only-binary=:all:', '--no-input']
    const { code, output } = await runCommand({
      program: 'python3',
      args: [...args, '--disable-pip-version-check', '--target', temporary, PACKAGE],
      signal,
    })
    if (code !== 0) throw new Error(`pip could not install ${PACKAGE}: ${output}`)
    await rename(temporary, folder)
  })
  return folder
}

async function start(packageFolder: string, more: readonly string[]): Promise<LlamaServer> {
  const child = spawn('python3', [SCRIPT, packageFolder, ...more], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
  })
  const close = async (): Promise<void> => {
    child.stdin.destroy()
    await ended
  }
  const url = await listeningUrl(createInterface({ input: child.stdout }))
  if (url === undefined) throw new Error('The llama.cpp server ended before it listened.')
  const isGenerating = async (): Promise<boolean> => slotsAreBusy(url)
  return {
    url,
    model: 'smollm2-135m',
    isGenerating,
    async untilQuiet(signal) {
      while (await isGenerating()) signal.throwIfAborted()
    },
    close,
  }
}

async function listeningUrl(lines: AsyncIterable<string>): Promise<string | undefined> {
  for await (const line of lines) {
    const url = /^LISTENING (\S+)$/.exec(line)?.[1]
    if (url !== undefined) return url
  }
  return undefined
}

async function slotsAreBusy(url: string): Promise<boolean> {
  const response = await fetch(`${url}/slots`)
  const slots = parseJson(await response.text())
  if (!isArray(slots)) throw new Error('The llama.cpp server has no list of slots.')
  return slots.some((slot) => isObject(slot) && slot['is_processing'] === true)
}
