// The Hugging Face hub: a plain, resumable download.
import { download } from './download.ts'
import type { ModelSource } from './model-source.ts'

const HUB = 'https://huggingface.co'

export const hubSource: ModelSource = {
  name: 'Hugging Face hub',
  async fetch({ artifact, path, env, signal, onBytes }) {
    const endpoint = env['HF_ENDPOINT'] ?? ''
    const base = (endpoint === '' ? HUB : endpoint).replace(/\/+$/, '')
    await download({
      url: `${base}/${artifact.hubPath}`,
      path,
      sizeBytes: artifact.sizeBytes,
      signal,
      onBytes: (bytes) => onBytes(bytes, artifact.sizeBytes),
    })
  },
}
