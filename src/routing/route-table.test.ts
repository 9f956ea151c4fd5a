// Routes that come and go.
import { describe, expect, it } from 'vitest'
import { choiceOf } from './choice.ts'
import { RouteTable } from './route-table.ts'
import { sessionOf } from './session.ts'

const SMART = { name: 'smart', targets: [{ model: 'a/m' }] }

describe('RouteTable', () => {
  it('finds, replaces and forgets', () => {
    const table = new RouteTable([SMART])
    expect(table.find('smart')).toBe(SMART)
    const other = { ...SMART, strategy: 'weighted' as const }
    table.set(other)
    expect(table.list()).toEqual([other])
    expect([table.delete('smart'), table.delete('smart')]).toEqual([true, false])
    expect(table.find('smart')).toBeUndefined()
  })

  it('counts the calls of each route, until it goes', () => {
    const table = new RouteTable([SMART])
    table.called('smart')
    table.called('smart')
    expect([table.callsOf('smart'), table.callsOf('other')]).toEqual([2, 0])
    table.delete('smart')
    expect(table.callsOf('smart')).toBe(0)
  })

  it('keeps reserved names from routes that come and routes that are there', () => {
    const table = new RouteTable([SMART])
    const taken = { kind: 'conflict', code: 'name_taken', param: 'name' }
    table.reserve('a provider', (name) => name === 'work')
    expect(() => table.set({ ...SMART, name: 'work' })).toThrowError(expect.objectContaining(taken))
    expect(() => table.reserve('an alias', (name) => name === 'smart')).toThrowError(
      'There is an alias called "smart" already. Give the route another name.',
    )
  })

  it.each([
    ['no name', { ...SMART, name: '' }, 'name'],
    ['a name with a slash', { ...SMART, name: 'a/b' }, 'name'],
    ['no targets', { ...SMART, targets: [] }, 'targets'],
    ['a target without a model', { ...SMART, targets: [{ model: ' ' }] }, 'targets[0].model'],
    ['itself as a target', { ...SMART, targets: [{ model: 'smart' }] }, 'targets[0].model'],
    [
      'a weight of nothing',
      { ...SMART, targets: [{ model: 'a', weight: 0 }] },
      'targets[0].weight',
    ],
  ])('refuses %s', (_what, route, param) => {
    expect(() => new RouteTable([route])).toThrowError(
      expect.objectContaining({ kind: 'invalid_request', code: 'invalid_route', param }),
    )
  })
})

it('a route’s names become targets; what cannot be used says why', () => {
  const snapshot = {
    providers: [
      { name: 'a', enabled: true, defaultModel: 'm' },
      { name: 'b', enabled: false },
    ],
    aliases: { quick: 'a/small' },
  }
  const targets = ['a', 'quick', 'b/m', 'c/m'].map((model) => ({ model }))
  const choice = choiceOf({ name: 'r', targets }, snapshot)
  expect(choice.candidates).toEqual([
    { target: { provider: 'a', model: 'm' }, weight: 1 },
    { target: { provider: 'a', model: 'small' }, weight: 1 },
  ])
  expect(choice.unusable).toEqual([
    { model: 'b/m', reason: expect.stringContaining('"b" is disabled') },
    { model: 'c/m', reason: expect.stringContaining('no model "c/m"') },
  ])
})

it('a route without any usable target says why of each', () => {
  const route = { name: 'r', targets: [{ model: 'x/m' }] }
  expect(() => choiceOf(route, { providers: [], aliases: {} })).toThrowError(
    'The route "r" has no target to use. x/m: There is no model "x/m".',
  )
})

describe('sessionOf', () => {
  const request = {
    origin: { dialect: 'library' },
    model: 'm',
    sampling: {},
    stream: { enabled: false },
    turns: [
      { role: 'system' as const, parts: [{ type: 'text' as const, text: 'Be kind.' }] },
      { role: 'user' as const, parts: [{ type: 'text' as const, text: 'Hello' }] },
    ],
  }

  it('is the client’s own word, where it has one', () => {
    expect(sessionOf({ ...request, caching: { key: 'cache' } })).toBe('cache')
  })

  it('stays the same while the conversation goes on, and differs between users', () => {
    const later = { ...request, turns: [...request.turns, ...request.turns] }
    expect(sessionOf(later)).toBe(sessionOf(request))
    expect(sessionOf({ ...request, identity: { user: 'eve' } })).not.toBe(sessionOf(request))
  })
})
