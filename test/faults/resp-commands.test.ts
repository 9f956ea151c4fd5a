// The commands of a Redis client are counted, however they are cut.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { RespCommands } from './resp-commands.ts'

const THREE = ['PING', 'SET key a\r\nb', 'EVALSHA x 1 {p}:*2 1'].map((line) => {
  const parts = line.split(' ')
  return `*${parts.length}\r\n${parts.map((part) => `$${part.length}\r\n${part}\r\n`).join('')}`
})

it('counts each command once, in whatever pieces it comes', () => {
  const bytes = Buffer.from(THREE.join(''))
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (sizes) => {
      const commands = new RespCommands()
      let count = 0
      for (let at = 0, piece = 0; at < bytes.length; piece += 1) {
        const size = sizes[piece % sizes.length] ?? 1
        count += commands.write(bytes.subarray(at, at + size))
        at += size
      }
      expect(count).toBe(3)
    }),
  )
})
