// The names of models in metrics: clients cannot make series by inventing names.
import { expect, it } from 'vitest'
import { TargetLabels } from './target-labels.ts'

const TINY = { provider: 'house', model: 'tiny' }

it('names a model only once it has answered, or where the configuration names it', () => {
  const labels = new TargetLabels({ isNamed: ({ model }) => model === 'mine' })
  expect(labels.of(TINY)).toEqual({ provider: 'house', model: 'other' })
  labels.answered(TINY)
  expect(labels.of(TINY)).toEqual(TINY)
  expect(labels.of({ provider: 'house', model: 'mine' }).model).toBe('mine')
  expect(labels.of({ provider: 'house', model: 'invented' }).model).toBe('other')
})

it('names so many and no more, whatever answers', () => {
  const labels = new TargetLabels({ isNamed: () => true, maxModels: 3 })
  const models = Array.from({ length: 1000 }, (_, count) => {
    const target = { provider: 'house', model: `m${count}` }
    labels.answered(target)
    return labels.of(target).model
  })
  expect([...new Set(models)]).toEqual(['m0', 'm1', 'm2', 'other'])
})
