// The check before each dispatch.
import { describe, expect, it } from 'vitest'
import { chatExchange } from '../../test/chat-exchange.ts'
import type { Exchange, Reply } from '../exchange/exchange.ts'
import { permitted } from './permitted.ts'

const REPLY: Reply = { kind: 'count', count: { inputTokens: 1, exact: true }, notes: [] }

async function asked(account: Exchange['account']): Promise<readonly string[]> {
  const seen: string[] = []
  const handler = permitted(async ({ target }) => {
    seen.push(target.model)
    return REPLY
  })
  const target = { provider: 'a', model: 'x', credential: 'k1' }
  const exchange = chatExchange({ target, ...(account === undefined ? {} : { account }) })
  await handler(exchange)
  return seen
}

describe('permitted', () => {
  it('lets calls through that nobody holds back', async () => {
    expect(await asked(undefined)).toEqual(['x'])
    expect(await asked({})).toEqual(['x'])
    expect(await asked({ permits: ({ model }) => model === 'x' })).toEqual(['x'])
  })

  it('K005 asks no target that the key does not allow, whoever chose it', async () => {
    await expect(asked({ permits: () => false })).rejects.toMatchObject({
      status: 403,
      code: 'model_not_allowed',
    })
  })
})
