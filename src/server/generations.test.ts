// What calls hold on to is released after the last of them, and not before those that are older.
import { expect, it } from 'vitest'
import { inbound } from '../../test/server-fakes.ts'
import { Generations, ofGeneration } from './generations.ts'
import type { Application } from './message.ts'

async function* pieces(): AsyncGenerator<string> {
  yield 'a'
  yield 'b'
}

const streaming: Application = async () => ({ status: 200, headers: {}, body: pieces() })
const whole: Application = async () => ({ status: 200, headers: {}, body: 'whole' })

it('gives each call the one in force, and releases the old after its last call', () => {
  const released: string[] = []
  const generations = new Generations('one')
  const first = generations.hold()
  generations.replace('two', () => released.push('one'))
  const second = generations.hold()
  expect([first.value, second.value, generations.current]).toEqual(['one', 'two', 'two'])
  second.letGo()
  expect(released).toEqual([])
  first.letGo()
  first.letGo()
  expect(released).toEqual(['one'])
})

it('releases at once what nobody holds', () => {
  const released: string[] = []
  const generations = new Generations('one')
  generations.replace('two', () => released.push('one'))
  generations.replace('three', () => released.push('two'))
  expect(released).toEqual(['one', 'two'])
  expect(generations.count).toBe(3)
})

it('keeps a younger one while an older is held, which may need the same', () => {
  const released: string[] = []
  const generations = new Generations('one')
  const old = generations.hold()
  generations.replace('two', () => released.push('one'))
  const young = generations.hold()
  generations.replace('three', () => released.push('two'))
  young.letGo()
  expect(released).toEqual([])
  old.letGo()
  expect(released).toEqual(['one', 'two'])
})

it('holds until a streamed answer has ended, well or left', async () => {
  const released: string[] = []
  const generations = new Generations(streaming)
  const answer = ofGeneration(generations)
  const first = await answer(inbound())
  const other = await answer(inbound())
  generations.replace(whole, () => released.push('streaming'))
  const { body, ended } = await answer(inbound())
  expect([body, ended]).toEqual(['whole', undefined])
  first.ended?.()
  first.ended?.()
  expect(released).toEqual([])
  other.ended?.()
  expect(released).toEqual(['streaming'])
})
