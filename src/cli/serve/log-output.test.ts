// The lines of a turn are one write, in their order, and none is lost where the process ends before the turn does.
import { beforeEach, expect, it } from 'vitest'
import { LogOutput } from './log-output.ts'

let written: string[]
let turns: (() => void)[]
let output: LogOutput

beforeEach(() => {
  written = []
  turns = []
  output = new LogOutput({
    write: (text) => written.push(text),
    later: (run) => turns.push(run),
  })
})

function endTurn(): void {
  for (const run of turns.splice(0)) run()
}

it('lines of one turn are written together, in their order', () => {
  for (const line of ['one', 'two', 'three']) output.line(line)
  expect(written).toEqual([])
  endTurn()
  expect(written).toEqual(['one\ntwo\nthree\n'])
})

it('lines of the next turn are the next write', () => {
  output.line('one')
  endTurn()
  output.line('two')
  endTurn()
  expect(written).toEqual(['one\n', 'two\n'])
})

it('what waits is written where the process ends, and not again', () => {
  output.line('last')
  output.flush()
  endTurn()
  expect(written).toEqual(['last\n'])
})

it('where nothing was said nothing is written', () => {
  output.flush()
  expect(turns).toEqual([])
  expect(written).toEqual([])
})
