// What every provider must keep to, as a check that authors of one can run.
import { GatewayError, toGatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { BaseProvider } from './base-provider.ts'
import type { ChatMessage } from './chat-message.ts'
import { ProviderManager } from './manager.ts'

export interface ProviderCheckOptions {
  /** What to ask. Default: `Say hello.` */
  readonly message?: string
  /** Default: the provider's default model. */
  readonly model?: string
}

/**
 * Uses a provider as a manager and a server do: lists its models, checks its health, chats, streams, closes it twice.
 * Gives one line for each thing that is wrong; none when all is well. Costs two short calls, and the provider is closed afterwards.
 */
export async function providerProblems(
  provider: BaseProvider,
  options: ProviderCheckOptions = {},
): Promise<readonly string[]> {
  const { message = 'Say hello.', ...target } = options
  const manager = new ProviderManager()
  manager.registerProvider(provider)
  const messages: readonly ChatMessage[] = [{ role: 'user', content: message }]
  const problems: string[] = []
  const step = async (name: string, work: () => Promise<string | undefined>): Promise<void> => {
    const problem = await work().catch((error: unknown) => `failed: ${reasonOf(error)}`)
    if (problem !== undefined) problems.push(`${name} ${problem}`)
  }
  await step('listModels', async () => problemOfModels(await provider.listModels()))
  await step('healthCheck', async () =>
    (await provider.healthCheck()) ? undefined : 'says that it is not healthy',
  )
  await step('chat', async () => {
    const { content, toolCalls } = await manager.chat(messages, target)
    return content === '' && toolCalls.length === 0 ? 'answered with nothing' : undefined
  })
  await step('stream', async () => {
    const events: ChatEvent[] = []
    for await (const event of manager.stream(messages, target)) events.push(event)
    return problemOfStream(events)
  })
  await step('close', async () => {
    await provider.close()
    await provider.close()
    return undefined
  })
  return problems
}

function problemOfModels(models: readonly string[]): string | undefined {
  if (models.length === 0) return 'lists none, so that every call must name a model'
  return new Set(models).size < models.length ? 'names a model twice' : undefined
}

/** The grammar of `ChatEvent`: a start, parts that are opened before they grow, one end. */
function problemOfStream(events: readonly ChatEvent[]): string | undefined {
  if (events[0]?.type !== 'response-start') return 'does not begin with response-start'
  const last = events.at(-1)
  if (last?.type === 'error') return `ended in an error: ${reasonOf(last.error)}`
  if (last?.type !== 'response-end') return 'does not end with response-end'
  if (!events.some((event) => event.type === 'candidate-end')) return 'has no candidate-end'
  const open = new Set<number>()
  for (const event of events) {
    if (event.type === 'part-start') open.add(event.index)
    if (event.type !== 'part-delta' && event.type !== 'part-end') continue
    if (!open.has(event.index))
      return `has a ${event.type} of part ${event.index}, which is not open`
    if (event.type === 'part-end') open.delete(event.index)
  }
  return open.size > 0 ? `never ends part ${[...open].join(', ')}` : undefined
}

// What a provider throws that is no GatewayError is kept as the cause.
function reasonOf(error: unknown): string {
  const { message, cause } = error instanceof GatewayError ? error : toGatewayError(error)
  return cause instanceof Error ? `${message} (${cause.message})` : message
}
