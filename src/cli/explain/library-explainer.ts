// Explains in this process, by the route that a server would have answered with.
import { Trail } from '../../exchange/trail.ts'
import { LLMProvider } from '../../pipeline/library.ts'
import { dialects } from '../../dialects/registry.ts'
import { realAfter } from '../../server/message.ts'
import { chatRoutes } from '../../server/routes/all.ts'
import { explainRoute } from '../../server/routes/explain.ts'
import { tryParseJson } from '../../wire/json.ts'
import type { ConnectionOptions } from '../connection.ts'
import { openManager } from '../library.ts'
import type { Terminal } from '../terminal.ts'
import { packageVersion } from '../version.ts'
import type { Explainer } from './explainer.ts'

export async function openLibraryExplainer(
  terminal: Terminal,
  options: ConnectionOptions,
): Promise<Explainer> {
  const { manager, directory, close } = await openManager(terminal, options)
  const chats = chatRoutes({
    dialects,
    desk: { directory, handler: manager.handle, now: Date.now, after: realAfter, keepAliveMs: 0 },
    llm: new LLMProvider({ manager }),
    version: packageVersion(),
  })
  const route = explainRoute({
    directory,
    explain: async (exchange) => manager.explainExchange(exchange),
    dialects,
    chats,
  })
  return {
    explain: async (body) => {
      const { body: answer } = await route.handle({
        id: 'explanation',
        method: 'POST',
        path: '/api/explain',
        params: {},
        query: new URLSearchParams(),
        headers: {},
        body,
        text: JSON.stringify(body),
        // Who runs the command is the operator.
        caller: { kind: 'admin', keyId: 'command', role: 'owner' },
        openTrail: () => new Trail(),
        signal: new AbortController().signal,
      })
      return (typeof answer === 'string' ? tryParseJson(answer) : undefined) ?? null
    },
    close,
  }
}
