// The Hugging Face hub: a plain, resumable download.
import { operatorReach } from '../../transport/egress.ts'
import { createTransport } from '../../transport/http-transport.ts'
import { download } from './download.ts'
import type { ModelSource } from './model-source.ts'

const HUB = 'https://huggingface.co'

export const hubSource: ModelSource = {
  name: 'Hugging Face hub',
  async bring({ artifact, path, env, signal, onBytes }) {
    // As the hub's own tools have it; a mirror that the user names may be in their own network.
    const mirror = env['HF_ENDPOINT'] ?? ''
    const base = (mirror === '' ? HUB : mirror).replace(/\/+$/, '')
    const transport = createTransport()
    try {
      await download({
        url: `${base}/${artifact.hubPath}`,
        path,
        sizeBytes: artifact.sizeBytes,
        transport,
        reach: operatorReach(new URL(base)),
        signal,
        onBytes: (bytes) => onBytes(bytes, artifact.sizeBytes),
      })
    } finally {
      await transport.close()
    }
  },
}
