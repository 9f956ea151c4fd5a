// A vault keeps secrets, gives them to whom they are for, and tells nobody else.
import { describe, expect, it } from 'vitest'
import {
  CANARY,
  KEY,
  SLOT,
  WHERE,
  benchShelf,
  keyOf,
  newSecret,
  openBench,
  reopened,
} from './fixtures/bench.ts'

describe('a vault', () => {
  it('is absent until it is made, and then opens with its key alone', async () => {
    const shelf = benchShelf()
    const { vault } = await reopened(shelf)
    expect(vault.status().state).toBe('absent')
    expect(() => vault.list()).toThrow(/patchbay init/)
    await vault.create([SLOT])
    await vault.put(newSecret('house'))
    const { vault: again, events } = await reopened(shelf)
    expect(again.status()).toMatchObject({ state: 'sealed', reason: 'vault_sealed', records: 1 })
    expect(() => again.reveal('house', WHERE)).toThrow(/sealed/)
    await expect(again.unlock([keyOf(8)])).rejects.toMatchObject({ code: 'vault_key_refused' })
    await again.unlock([keyOf(8), KEY])
    expect(again.reveal('house', WHERE).reveal()).toBe(CANARY)
    expect(events.map((event) => event.type === 'vault-state' && event.state)).toEqual([
      'sealed',
      'open',
    ])
    await again.lock()
    expect(() => again.key('audit-chain')).toThrow(/sealed/)
  })

  it('shows of a secret the beginning and the end, and a fingerprint that finds the same one', async () => {
    const { vault } = await openBench()
    const one = await vault.put(newSecret('one'))
    const same = await vault.put(newSecret('two'))
    const other = await vault.put(newSecret('three', `${CANARY}x`))
    const short = await vault.put(newSecret('short', 'hunter2'))
    expect(one).toMatchObject({
      hint: 'sk-ant...ghij',
      version: 1,
      state: 'active',
      isRefused: false,
    })
    expect(one.fingerprint).toMatch(/^[0-9a-f]{16}$/)
    expect(same.fingerprint).toBe(one.fingerprint)
    expect(other.fingerprint).not.toBe(one.fingerprint)
    expect(short.hint).toBe('.'.repeat(13))
    expect(JSON.stringify(vault.list())).not.toContain(CANARY)
  })

  it('replaces a secret with overlap: pending, then active, the one before until it is retired', async () => {
    const { vault } = await openBench()
    await vault.put(newSecret('house', 'the-first-key'))
    const { version } = await vault.put({
      ...newSecret('house', 'the-second-key'),
      state: 'pending',
    })
    expect(vault.reveal('house', WHERE).reveal()).toBe('the-first-key')
    expect(vault.reveal('house', { ...WHERE, version }).reveal()).toBe('the-second-key')
    await vault.setState({ id: 'house', version }, 'active')
    expect(vault.reveal('house', WHERE).reveal()).toBe('the-second-key')
    expect(vault.reveal('house', { ...WHERE, version: 1 }).reveal()).toBe('the-first-key')
    await vault.setState({ id: 'house', version: 1 }, 'retired')
    await vault.remove({ id: 'house', version: 1 })
    expect(vault.list('house').map((view) => [view.version, view.state])).toEqual([[2, 'active']])
    await vault.remove({ id: 'house' })
    expect(() => vault.reveal('house', WHERE)).toThrow(/no secret "house"/)
  })

  it('gives one key a purpose and a generation, the same after a start', async () => {
    const { vault, shelf } = await openBench()
    const pepper = vault.key('virtual-key-pepper')
    expect(pepper.generation).toBe(1)
    expect(vault.key('audit-chain').secret.equals(pepper.secret)).toBe(false)
    await vault.rotateRoot()
    expect(vault.key('virtual-key-pepper').generation).toBe(2)
    expect(vault.key('virtual-key-pepper', 1).secret.equals(pepper.secret)).toBe(true)
    const { vault: again } = await reopened(shelf)
    await again.unlock([KEY])
    expect(again.key('virtual-key-pepper', 1).secret.equals(pepper.secret)).toBe(true)
    expect(() => again.key('audit-chain', 3)).toThrow(/generation 3/)
  })
})
