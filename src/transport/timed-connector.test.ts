// Each connection is told once, with the time that it took.
import { Socket } from 'node:net'
import type { buildConnector } from 'undici'
import { expect, it } from 'vitest'
import { type OpenedConnection, timedConnector } from './timed-connector.ts'

const IDLE: buildConnector.connector = () => undefined
const TARGET = { hostname: 'h', protocol: 'http:', port: '80' }

it('tells of connections that were opened and that failed, and passes them on', () => {
  let nowMs = 0
  const told: OpenedConnection[] = []
  const passed: (Error | Socket | null)[] = []
  const failure = new Error('refused')
  const socket = new Socket()
  for (const outcome of [socket, failure]) {
    const connector: buildConnector.connector = (_target, callback) => {
      nowMs += 7
      if (outcome instanceof Error) callback(outcome, null)
      else callback(null, outcome)
    }
    const timed = timedConnector(
      connector,
      (one) => told.push(one),
      () => nowMs,
    )
    timed(TARGET, (error, opened) => passed.push(error ?? opened))
  }
  expect(told).toEqual([
    { outcome: 'opened', elapsedMs: 7 },
    { outcome: 'failed', elapsedMs: 7 },
  ])
  expect(passed).toEqual([socket, failure])
})

it('is the connector itself where nobody listens', () => {
  expect(timedConnector(IDLE, undefined)).toBe(IDLE)
})
