// Whose budgets a call counts into: its own, those of the keys above it, its team's, its route's, and everybody's.
import { expect, it } from 'vitest'
import { emptyRequest } from '../dialects/dialect.contract.ts'
import type { ChatExchange } from '../exchange/exchange.ts'
import { type BudgetRule, appliedBudgets } from './budget-rule.ts'

function asked(more: Partial<ChatExchange>): ChatExchange {
  return {
    operation: 'chat',
    id: 'req',
    request: emptyRequest('x'),
    target: { provider: 'p', model: 'm' },
    policy: 'default',
    signal: new AbortController().signal,
    ...more,
  }
}

function ids(rule: Partial<BudgetRule>, more: Partial<ChatExchange>): readonly string[] {
  const whole = { id: 'r', scope: 'key', limitNano: 1, period: 'total', hard: true } as const
  return appliedBudgets([{ ...whole, ...rule }], asked(more), 0).map(({ id }) => id)
}

const account = { team: 'red', parents: ['mother', 'grandmother'] }
const choice = { route: 'smart', strategy: 'priority', candidates: [], unusable: [] }

it.each([
  ['everybody’s', { scope: 'installation' }, {}, ['r/']],
  ['a key of its own', {}, { caller: 'me' }, ['r/me']],
  ['the keys above it', {}, { caller: 'me', account }, ['r/me', 'r/mother', 'r/grandmother']],
  ['one of them', { of: 'mother' }, { caller: 'me', account }, ['r/mother']],
  ['those of a pattern', { of: 'm*' }, { caller: 'me', account }, ['r/me', 'r/mother']],
  ['nobody’s key', { of: 'anonymous' }, {}, ['r/anonymous']],
  ['another key', { of: 'you' }, { caller: 'me' }, []],
  ['its team', { scope: 'team' }, { account }, ['r/red']],
  ['no team', { scope: 'team' }, { caller: 'me' }, []],
  ['its route', { scope: 'route' }, { choice }, ['r/smart']],
  ['no route', { scope: 'route' }, {}, []],
  ['another route', { scope: 'route', of: 'slow' }, { choice }, []],
] as const)('a call counts into %s', (...[, rule, more, expected]) => {
  expect(ids(rule, more)).toEqual(expected)
})
