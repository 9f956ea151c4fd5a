// What scopes allow: exactly what they name, in one spelling, and never more than the scope above.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MODEL_PATTERN } from './model-pattern.ts'
import {
  type Scope,
  allowsAddress,
  allowsEndpoint,
  allowsPolicy,
  allowsProvider,
  allowsTarget,
  beyond,
} from './scope.ts'

const target = (name: string): { readonly provider: string; readonly model: string } => {
  const at = name.indexOf('/')
  return { provider: name.slice(0, at), model: name.slice(at + 1) }
}

describe('models', () => {
  const scope: Scope = { models: ['openai/gpt-4o', 'anthropic/claude-*', 'lab/*'] }

  it.each(['openai/gpt-4o', 'anthropic/claude-sonnet-4-5', 'lab/x', 'lab/a/b'])(
    'allow %s',
    (name) => {
      expect(allowsTarget(scope, target(name))).toBe(true)
    },
  )

  it.each([
    'openai/GPT-4o',
    'openai/gpt-4o ',
    'openai/gpt-4o\u200b',
    'openai/gpt-4o-mini',
    'openai/openai/gpt-4o',
    'OpenAI/gpt-4o',
    'laboratory/x',
    'anthropic/claud',
    'other/gpt-4o',
  ])('K004 do not allow %j', (name) => {
    expect(allowsTarget(scope, target(name))).toBe(false)
  })

  it('name the providers that they reach', () => {
    expect(
      ['openai', 'anthropic', 'lab', 'la', 'other'].filter((name) => allowsProvider(scope, name)),
    ).toEqual(['openai', 'anthropic', 'lab'])
    expect(allowsProvider({ models: ['*'] }, 'other')).toBe(true)
    expect(allowsProvider({ models: [] }, 'other')).toBe(false)
  })

  it('hold together with the providers', () => {
    const both: Scope = { models: ['*'], providers: ['lab'] }
    expect(allowsTarget(both, target('lab/x'))).toBe(true)
    expect(allowsTarget(both, target('openai/x'))).toBe(false)
  })

  it.each(['*', 'a/*', 'a/b', 'a/b*', 'a/b/c'])('may be written as %s', (text) => {
    expect(MODEL_PATTERN.test(text)).toBe(true)
  })

  it.each(['', 'a', 'gpt-*', '*/b', 'a/*b', 'a/b*c', 'a /b', '/b', 'a/'])(
    'may not be written as %j',
    (text) => {
      expect(MODEL_PATTERN.test(text)).toBe(false)
    },
  )
})

describe('a scope', () => {
  it('that names nothing of a sort leaves it open, and an empty list closes it', () => {
    expect(allowsTarget({}, target('a/b'))).toBe(true)
    expect(allowsTarget({ models: [] }, target('a/b'))).toBe(false)
    expect(allowsEndpoint({}, undefined)).toBe(true)
    expect(allowsPolicy({ policies: [] }, 'default')).toBe(false)
  })

  it('closes what has no name to those who have names', () => {
    expect(allowsEndpoint({ endpoints: ['chat'] }, 'chat')).toBe(true)
    expect(allowsEndpoint({ endpoints: ['chat'] }, 'embeddings')).toBe(false)
    expect(allowsEndpoint({ endpoints: ['chat'] }, undefined)).toBe(false)
  })

  it.each([
    ['10.1.2.3', true],
    ['::ffff:10.1.2.3', true],
    ['11.0.0.1', false],
    ['2001:db8::7', true],
    ['2001:db9::7', false],
    ['192.0.2.1', true],
    ['192.0.2.2', false],
    ['', false],
    ['10.1.2.3%eth0', false],
  ])('knows from where it is used: %s %s', (address, allowed) => {
    const scope: Scope = { cidrs: ['10.0.0.0/8', '2001:db8::/32', '192.0.2.1'] }
    expect(allowsAddress(scope, address)).toBe(allowed)
  })

  it('for networks allows nobody whose address is not known', () => {
    expect(allowsAddress({ cidrs: ['0.0.0.0/0'] }, undefined)).toBe(false)
  })
})

describe('beyond', () => {
  it.each<[Scope, Scope, string | undefined]>([
    [{ models: ['a/b'] }, { models: ['a/*'] }, undefined],
    [{ models: ['a/*'] }, { models: ['a/b'] }, 'models: a/*'],
    [{ models: ['a/bc*'] }, { models: ['a/b*'] }, undefined],
    [{ models: ['*'] }, { models: ['a/*'] }, 'models: *'],
    [{ models: ['ab/*'] }, { models: ['a/*'] }, 'models: ab/*'],
    [{ endpoints: ['chat', 'explain'] }, { endpoints: ['chat'] }, 'endpoints: explain'],
    [{ cidrs: ['10.1.0.0/16'] }, { cidrs: ['10.0.0.0/8'] }, undefined],
    [{ cidrs: ['10.0.0.0/7'] }, { cidrs: ['10.0.0.0/8'] }, 'cidrs: 10.0.0.0/7'],
    [{ cidrs: ['::/0'] }, { cidrs: ['0.0.0.0/0'] }, 'cidrs: ::/0'],
    [{}, { models: ['a/b'] }, undefined],
  ])('of %j within %j: %s', (scope, within, found) => {
    expect(beyond(scope, within)).toBe(found)
  })

  it('finds nothing only where every target of the one is one of the other', () => {
    const part = fc.constantFrom('a', 'b', 'ab')
    const pattern = fc.oneof(
      fc.constant('*'),
      fc.tuple(part, part).map(([provider, model]) => `${provider}/${model}`),
      fc
        .tuple(part, fc.constantFrom('', 'a', 'ab'))
        .map(([provider, rest]) => `${provider}/${rest}*`),
    )
    const patterns = fc.array(pattern, { maxLength: 3 })
    fc.assert(
      fc.property(
        patterns,
        patterns,
        fc.record({ provider: part, model: part }),
        (inner, outer, asked) => {
          fc.pre(beyond({ models: inner }, { models: outer }) === undefined)
          if (allowsTarget({ models: inner }, asked)) {
            expect(allowsTarget({ models: outer }, asked)).toBe(true)
          }
        },
      ),
    )
  })
})
