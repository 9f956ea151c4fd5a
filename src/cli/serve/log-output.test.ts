// The lines of a moment are one write, in their order, and none is lost where the process ends before.
import { beforeEach, expect, it } from 'vitest'
import { LogOutput } from './log-output.ts'

let written: string[]
let moments: (() => void)[]
let output: LogOutput

beforeEach(() => {
  written = []
  moments = []
  output = new LogOutput({
    write: (text) => written.push(text),
    later: (run) => moments.push(run),
  })
})

function pass(): void {
  for (const run of moments.splice(0)) run()
}

it('lines of one moment are written together, in their order', () => {
  for (const line of ['one', 'two', 'three']) output.line(line)
  expect(written).toEqual([])
  pass()
  expect(written).toEqual(['one\ntwo\nthree\n'])
})

it('lines of the next moment are the next write', () => {
  output.line('one')
  pass()
  output.line('two')
  pass()
  expect(written).toEqual(['one\n', 'two\n'])
})

it('what waits is written where the process ends, and not again', () => {
  output.line('last')
  output.flush()
  pass()
  expect(written).toEqual(['last\n'])
})

it('where nothing was said nothing is written', () => {
  output.flush()
  expect(moments).toEqual([])
  expect(written).toEqual([])
})
