// A provider of any dialect over a transport that never leaves the process, and a call to it.
import type { Policy } from '../../src/canonical/note.ts'
import type { ChatRequest } from '../../src/canonical/request.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'
import type { ChatExchange } from '../../src/exchange/exchange.ts'
import { customRow } from '../../src/providers/custom.ts'
import { HttpProvider } from '../../src/providers/http-provider.ts'
import type { ProviderConfig } from '../../src/providers/provider-config.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { contextOf } from '../context.ts'

export const KEY = 'sk-canary-0123456789'
export const HOST = 'secret-host.example'

export function providerOf(dialect: Dialect, transport: Transport): HttpProvider {
  const config: ProviderConfig = {
    providerType: 'custom',
    name: 'lab',
    baseUrl: `https://${HOST}`,
    apiKey: KEY,
    defaultModel: 'm',
    settings: { dialect: dialect.id },
  }
  return new HttpProvider(config, customRow(config), contextOf(transport))
}

export interface Asked {
  readonly policy?: Policy
  readonly signal?: AbortSignal
}

export function exchangeOf(request: ChatRequest, asked: Asked = {}): ChatExchange {
  const { policy = 'lenient', signal = new AbortController().signal } = asked
  const target = { provider: 'lab', model: 'm' }
  return { operation: 'chat', id: 'req_laws', request, target, policy, signal }
}
