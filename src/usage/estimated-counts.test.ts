// Who counts tokens: the target where it can, else a guess that says so.
import { describe, expect, it } from 'vitest'
import { failureOf } from '../../test/context.ts'
import { GatewayError, UNSUPPORTED_OPERATION } from '../canonical/errors.ts'
import type { CountExchange, Exchange, Handler, Reply } from '../exchange/exchange.ts'
import { estimateTokens } from './estimate-tokens.ts'
import { estimatedCounts } from './estimated-counts.ts'

const EXCHANGE: CountExchange = {
  operation: 'count-tokens',
  id: 'x',
  request: {
    origin: { dialect: 'test' },
    model: 'm',
    turns: [{ role: 'user', parts: [{ type: 'text', text: 'Say hello.' }] }],
    sampling: {},
    stream: { enabled: false },
  },
  target: { provider: 'p', model: 'm' },
  policy: 'default',
  signal: new AbortController().signal,
}
const EXACT: Reply = { kind: 'count', count: { inputTokens: 7, exact: true }, notes: [] }
const GUESS = {
  kind: 'count',
  count: { inputTokens: estimateTokens(EXCHANGE.request), exact: false },
  notes: [{ action: 'approximated', feature: 'token_count', weight: 2 }],
}

async function asked(
  counts: boolean,
  handler: Handler,
  exchange: Exchange = EXCHANGE,
): Promise<Reply> {
  return estimatedCounts({ counts: () => counts })(handler)(exchange)
}

function failing(code: string): Handler {
  return async () => {
    throw new GatewayError('unsupported', 'no', { code })
  }
}

describe('a count of tokens', () => {
  it('is the target’s own where it counts', async () => {
    expect(await asked(true, async () => EXACT)).toBe(EXACT)
  })

  it('is a guess where it does not, and asks nobody', async () => {
    expect(await asked(false, failing('never asked'))).toMatchObject(GUESS)
  })

  it('is a guess where the target says only then that it does not', async () => {
    expect(await asked(true, failing(UNSUPPORTED_OPERATION))).toMatchObject(GUESS)
  })

  it('fails as the target fails', async () => {
    expect(await failureOf(asked(true, failing('model_not_found')))).toMatchObject({
      code: 'model_not_found',
    })
  })

  it('leaves all other operations alone', async () => {
    const chat: Exchange = { ...EXCHANGE, operation: 'chat' }
    expect(await failureOf(asked(false, failing('asked'), chat))).toMatchObject({ code: 'asked' })
  })
})
