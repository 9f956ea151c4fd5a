// The models that this machine can run: the one that Patchbay fetches, and every GGUF file the user put beside it.
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { compact } from '../../canonical/compact.ts'
import type { ModelCard } from '../../canonical/model-card.ts'
import { SMOLLM2 } from './artifact.ts'
import { modelsFolder } from './folders.ts'

const ENDING = '.gguf'

const SMOLLM2_CARD: ModelCard = {
  id: SMOLLM2.model,
  name: 'SmolLM2 135M Instruct',
  ownedBy: 'HuggingFaceTB',
  contextTokens: 8192,
  sizeBytes: SMOLLM2.sizeBytes,
  parameterSize: '135M',
  family: 'llama',
  quantization: 'Q4_1',
  capabilities: ['completion'],
}

/** A model and where its file is, or will be. */
export interface LocalModel {
  readonly card: ModelCard
  readonly path: string
  /** Whether Patchbay fetches the file when it is not there. */
  readonly fetchable: boolean
}

export interface ModelPlaces {
  readonly dataDir: string
  /** A file of the user's own, the first in the list. */
  readonly modelPath?: string
  /** A file of the user's own for embeddings, the last in the list. */
  readonly embeddingModelPath?: string
}

/** The default model is the first. */
export async function localModels({
  dataDir,
  modelPath,
  embeddingModelPath,
}: ModelPlaces): Promise<readonly LocalModel[]> {
  const folder = modelsFolder(dataDir)
  const names = await readdir(folder).catch(() => [])
  const found = names
    .filter((name) => name.endsWith(ENDING) && name !== SMOLLM2.fileName)
    .toSorted()
    .map((name) => join(folder, name))
  const own = modelPath === undefined ? [] : [modelPath]
  const files = await Promise.all([...own, ...found].map(async (path) => ofFile(path)))
  const embedded: LocalModel = {
    card: SMOLLM2_CARD,
    path: join(folder, SMOLLM2.fileName),
    fetchable: true,
  }
  const chatting = modelPath === undefined ? [embedded, ...files] : [...files, embedded]
  if (embeddingModelPath === undefined) return chatting
  const others = chatting.filter(({ path }) => path !== embeddingModelPath)
  return [...others, await ofFile(embeddingModelPath, ['embedding'])]
}

async function ofFile(
  path: string,
  capabilities: readonly string[] = ['completion'],
): Promise<LocalModel> {
  const size = await stat(path).then(
    (found) => found.size,
    () => undefined,
  )
  const id = basename(path).replace(/\.gguf$/i, '')
  const card = compact({ id, sizeBytes: size, capabilities })
  return { card, path, fetchable: false }
}
