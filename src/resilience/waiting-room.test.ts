// Who waits gets in by rank and then by turn, is late in time, and leaves no trace.
import { expect, it } from 'vitest'
import { FakeTime } from '../../test/server-fakes.ts'
import { type Rank, WaitingRoom } from './waiting-room.ts'

class Stage {
  readonly time: FakeTime = new FakeTime()
  readonly ends: string[] = []
  overloaded = false
  readonly room: WaitingRoom = new WaitingRoom({
    after: this.time.after,
    isOverloaded: () => this.overloaded,
  })

  wait(name: string, rank: Rank = 1, signal: AbortSignal = new AbortController().signal): void {
    void this.room
      .wait({ rank, milliseconds: 1000, signal })
      .then((end) => this.ends.push(`${name} ${end}`))
  }

  async letIn(times: number): Promise<readonly string[]> {
    for (let count = 0; count < times; count += 1) this.room.letIn()
    await this.time.pass(0)
    return this.ends
  }
}

it('lets in the first of the most important', async () => {
  const stage = new Stage()
  stage.wait('a', 2)
  stage.wait('b', 1)
  stage.wait('c', 1)
  expect(await stage.letIn(3)).toEqual(['b in', 'c in', 'a in'])
  expect(stage.room.letIn()).toBe(false)
  expect(stage.time.waiting).toBe(0)
})

it('lets in the youngest of them under overload', async () => {
  const stage = new Stage()
  stage.overloaded = true
  for (const name of ['a', 'b', 'c']) stage.wait(name)
  stage.wait('d', 2)
  expect(await stage.letIn(4)).toEqual(['c in', 'b in', 'a in', 'd in'])
})

it('sends away who has waited long enough', async () => {
  const stage = new Stage()
  stage.wait('a')
  await stage.time.pass(500)
  stage.wait('b')
  await stage.time.pass(500)
  expect(stage.ends).toEqual(['a late'])
  expect(await stage.letIn(1)).toEqual(['a late', 'b in'])
  expect(stage.room.size).toBe(0)
})

it('forgets who has left, before or while it waits', async () => {
  const stage = new Stage()
  const leaving = new AbortController()
  stage.wait('gone', 1, AbortSignal.abort())
  stage.wait('leaving', 1, leaving.signal)
  stage.wait('stays')
  leaving.abort()
  expect(await stage.letIn(1)).toEqual(['gone left', 'leaving left', 'stays in'])
  expect(stage.time.waiting).toBe(0)
})
