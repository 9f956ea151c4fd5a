// Calls that are never answered from the cache, though somebody asks: those that do more than answer.
import type { Exchange } from '../../exchange/exchange.ts'
import type { CacheBypassed } from '../../exchange/facts/answers.ts'

export function unfit(exchange: Exchange): CacheBypassed['reason'] | undefined {
  if (exchange.operation !== 'chat') return 'operation'
  const { service, tools = [] } = exchange.request
  if (service?.store === true) return 'stored-upstream'
  return tools.some(({ kind }) => kind === 'native') ? 'hosted-tools' : undefined
}
