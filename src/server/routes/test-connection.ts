// Tries a connection out before it is registered: one fixed call, and one word for an answer, so that nothing else can be learnt by it.
import { z } from 'zod'
import { GatewayError } from '../../canonical/errors.ts'
import type { ProviderManager } from '../../pipeline/library.ts'
import type { HealthReport } from '../../providers/health.ts'
import { type After, jsonAnswer } from '../message.ts'
import { writePlainError } from '../plain-error.ts'
import { draftRemote } from '../registration.ts'
import type { Route } from '../route.ts'
import { validated } from '../validate.ts'
import { registerBody, toProviderConfig } from './register-body.ts'

export interface TestConnectionOptions {
  readonly manager: ProviderManager
  readonly now: () => number
  readonly after: After
  /** Asked at each call: a reload may change it. */
  readonly perMinute: () => number
}

const MINUTE_MS = 60_000
/** No answer comes before, so that its time tells nothing of who is there. */
const FLOOR_MS = 1500

export function testConnectionRoute(options: TestConnectionOptions): Route {
  const { manager, now, after, perMinute } = options
  const tries: number[] = []
  return {
    method: 'POST',
    path: '/api/providers/test',
    access: 'admin',
    writeError: writePlainError,
    description: {
      summary: 'Try out a provider that is not registered, by asking for its list of models',
      group: 'providers',
      request: registerBody,
      response: z.object({
        result: z
          .enum(['ok', 'auth', 'unreachable'])
          .describe('It answers; it takes no such key; or it does not answer as it should.'),
      }),
    },
    handle: async (call) => {
      const config = toProviderConfig(validated(registerBody, call.body))
      assertOften(tries, now(), perMinute())
      const floor = new Promise<void>((resolve) => {
        after(FLOOR_MS, resolve)
      })
      const [result] = await Promise.all([tried(manager, config, call.signal), floor])
      if (typeof result === 'string') return jsonAnswer({ result })
      throw result
    },
  }
}

async function tried(
  manager: ProviderManager,
  config: ReturnType<typeof toProviderConfig>,
  signal: AbortSignal,
): Promise<string | Error> {
  try {
    const draft = await draftRemote(manager, config)
    try {
      return wordFor(await draft.checkHealth(signal))
    } finally {
      await draft.close()
    }
  } catch (thrown) {
    return thrown instanceof Error ? thrown : new Error('failed', { cause: thrown })
  }
}

function wordFor({ healthy, key }: HealthReport): 'ok' | 'auth' | 'unreachable' {
  if (healthy) return 'ok'
  return key === 'invalid' ? 'auth' : 'unreachable'
}

/** Whether the last minute has room for one more, which it then takes. */
function assertOften(tries: number[], nowMs: number, perMinute: number): void {
  while (tries[0] !== undefined && tries[0] <= nowMs - MINUTE_MS) tries.shift()
  const [oldest = nowMs] = tries
  if (tries.length >= perMinute) {
    throw new GatewayError(
      'rate_limit',
      `Connections may be tried out ${perMinute} times a minute. Wait a moment.`,
      { code: 'too_many_tests', retryAfterMs: oldest + MINUTE_MS - nowMs },
    )
  }
  tries.push(nowMs)
}
