// A provider that keeps its own ledger: how many answers it began, how many ran at once, how many tokens it gave.
import { type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ENDING, contentChunk, frame } from '../openai-replies.ts'

export interface LedgerUpstream {
  readonly url: string
  readonly begun: number
  readonly running: number
  readonly mostAtOnce: number
  readonly tokens: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** Ends every answer that runs; each has then used so many tokens. */
  finish(tokensEach: number): void
  close(): Promise<void>
}

const [FINISH = ''] = ENDING

export async function ledgerUpstream(): Promise<LedgerUpstream> {
  const running = new Set<ServerResponse>()
  const ledger = { begun: 0, mostAtOnce: 0, tokens: 0, inputTokens: 0 }
  const server = createServer((request, response) => {
    request.resume()
    if (request.method !== 'POST') {
      response.setHeader('content-type', 'application/json')
      response.end('{"object":"list","data":[{"id":"tiny","object":"model"}]}')
      return
    }
    ledger.begun += 1
    running.add(response)
    ledger.mostAtOnce = Math.max(ledger.mostAtOnce, running.size)
    response.on('close', () => running.delete(response))
    response.setHeader('content-type', 'text/event-stream')
    response.write(contentChunk('Hello'))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const finish = (tokensEach: number): void => {
    const usage = { prompt_tokens: 1, completion_tokens: tokensEach - 1, total_tokens: tokensEach }
    for (const response of running) {
      ledger.tokens += tokensEach
      ledger.inputTokens += usage.prompt_tokens
      response.end(
        `${FINISH}${frame({ id: 'c', model: 'tiny', choices: [], usage })}data: [DONE]\n\n`,
      )
    }
    running.clear()
  }
  return {
    url: `http://127.0.0.1:${portOf(server.address())}/v1`,
    get begun() {
      return ledger.begun
    },
    get running() {
      return running.size
    },
    get mostAtOnce() {
      return ledger.mostAtOnce
    },
    get tokens() {
      return ledger.tokens
    },
    get inputTokens() {
      return ledger.inputTokens
    },
    get outputTokens() {
      return ledger.tokens - ledger.inputTokens
    },
    finish,
    close: async () => {
      server.closeAllConnections()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
    },
  }
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address.port
}
