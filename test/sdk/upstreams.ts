// The two real upstreams that every official client is tried against: the embedded model, and the same model behind
// a llama.cpp server as a `custom` provider.
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProviderConfig } from '../../src/providers/provider-config.ts'
import { type OpenGateway, openGateway } from '../open-gateway.ts'
import type { RealPart } from '../real/cache.ts'
import { type LlamaServer, llamaServer } from '../real/llama-server.ts'
import { realModel } from '../real/real-model.ts'

export interface RealGateway extends OpenGateway {
  /** Absent where there is only the embedded model. */
  readonly server: LlamaServer
}

/** `local` (the embedded model) and `llama` (a llama.cpp server), or why they cannot be had. */
export async function realGateway(): Promise<RealPart<RealGateway>> {
  const model = await realModel()
  if (model.value === undefined) return model
  const server = await llamaServer()
  if (server.value === undefined) return server
  const providers: readonly ProviderConfig[] = [
    { providerType: 'local', name: 'local' },
    {
      providerType: 'custom',
      name: 'llama',
      baseUrl: `${server.value.url}/v1`,
      models: [server.value.model],
      defaultModel: server.value.model,
      settings: { wholeByStream: true },
    },
  ]
  const dataDir = dataFolderWith(model.value.dataDir)
  const opened = await openGateway({ providers: [...providers, PAID], dataDir })
  return {
    value: {
      ...opened,
      server: server.value,
      close: async () => {
        await opened.close()
        await server.value.close()
        rmSync(dataDir, { recursive: true })
      },
    },
  }
}

/** A provider that costs money: callers without a key may not reach it, and none of these tests does. */
const PAID: ProviderConfig = {
  providerType: 'custom',
  name: 'paid',
  baseUrl: 'http://127.0.0.1:9/v1',
  models: ['paid-model'],
  settings: { local: false },
}

/** Keys of its own, engine and model of the cache. */
export function dataFolderWith(cache: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'patchbay-sdk-'))
  for (const name of ['engine', 'models']) symlinkSync(join(cache, name), join(folder, name))
  return folder
}

/** What each client asks each upstream with. */
export const MODELS = ['local', 'llama/smollm2-135m'] as const

/** A question that this small model answers in the same way every time. */
export const SYSTEM = 'You are a helpful assistant.'
export const QUESTION = 'What is the capital of France?'
export const ANSWER: RegExp = /Paris/
