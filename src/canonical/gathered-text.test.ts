// What is gathered, and what it keeps: a text alone, not the frames it came in.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { GatheredText } from './gathered-text.ts'

/** Bytes of the heap that are in use after all garbage is gone. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}

describe('a text that is gathered', () => {
  it('is all of its pieces, whenever it is read', () => {
    const text = new GatheredText('a')
    let plain = 'a'
    for (let at = 0; at < 100; at += 1) {
      text.add(`${at},`)
      plain += `${at},`
      expect(text.length).toBe(plain.length)
      if (at % 7 === 0) expect(String(text)).toBe(plain)
    }
    expect(String(text)).toBe(plain)
  })

  it('keeps nothing of the frames that its pieces were cut from', () => {
    const texts: GatheredText[] = []
    const before = heapUsed()
    for (let stream = 0; stream < 50; stream += 1) {
      const text = new GatheredText()
      for (let at = 0; at < 1000; at += 1) {
        const frame = `${'-'.repeat(200)}a piece of ${1000 + at}${'-'.repeat(200)}`
        text.add(frame.slice(200, 215))
      }
      texts.push(text)
    }
    const each = (heapUsed() - before) / texts.length
    // 15 KB of text; with `+=` it is more than 400.
    expect(each).toBeLessThan(50_000)
    expect(texts[0]?.length).toBe(15_000)
  })
})
