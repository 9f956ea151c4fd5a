// Facts reach every listener, and a listener that fails breaks nobody's call.
import { afterEach, expect, it, vi } from 'vitest'
import type { Happening } from './happening.ts'
import { Happenings } from './happenings.ts'

const FACT: Happening = { type: 'call-started', id: 'req_1', operation: 'chat' }

afterEach(() => vi.restoreAllMocks())

it('tells every listener, until it stops listening', () => {
  const happenings = new Happenings()
  const first: Happening[] = []
  const second: Happening[] = []
  const stop = happenings.listen((happening) => first.push(happening))
  happenings.listen((happening) => second.push(happening))
  happenings.tell(FACT)
  stop()
  happenings.tell(FACT)
  expect([first, second]).toEqual([[FACT], [FACT, FACT]])
})

it('goes on where a listener throws, and warns of it', () => {
  const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
  const happenings = new Happenings()
  const heard: Happening[] = []
  happenings.listen(() => {
    throw new Error('no room')
  })
  happenings.listen((happening) => heard.push(happening))
  happenings.tell(FACT)
  expect(heard).toEqual([FACT])
  expect(warn).toHaveBeenCalledWith('A listener failed on "call-started": Error: no room')
})
