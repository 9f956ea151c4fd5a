// What each vendor's own server answers 400 to in the order of a history, worked out on its JSON.
import { expect } from 'vitest'
import { type Json, ObjectReader, isArray, isObject } from '../../src/wire/json.ts'

function objectsIn(value: Json | undefined): readonly ObjectReader[] {
  return (isArray(value) ? value : []).flatMap((item) =>
    isObject(item) ? [new ObjectReader(item, '')] : [],
  )
}

function listOf(body: Json, key: string): readonly ObjectReader[] {
  return objectsIn(isObject(body) ? body[key] : undefined)
}

export const ORDER: Readonly<Record<string, (body: Json) => void>> = {
  /** Each message of a tool answers a call of the message before it, and all are answered. */
  'openai-chat'(body) {
    let open = new Set<string>()
    for (const message of listOf(body, 'messages')) {
      if (message.string('role') === 'tool') {
        expect(open.delete(message.string('tool_call_id'))).toBe(true)
      } else {
        expect([...open]).toEqual([])
        open = new Set(objectsIn(message.peek('tool_calls')).map((call) => call.string('id')))
      }
    }
    expect([...open]).toEqual([])
  },

  /** Every result has its call before it, and sealed thinking is followed by what it led to. */
  'openai-responses'(body) {
    const called = new Set<string>()
    const items = listOf(body, 'input')
    for (const [at, item] of items.entries()) {
      const type = item.optionalString('type') ?? 'message'
      if (type === 'function_call' || type === 'custom_tool_call')
        called.add(item.string('call_id'))
      if (type.endsWith('_output')) expect(called.has(item.string('call_id'))).toBe(true)
      if (type === 'reasoning') {
        const next = items[at + 1]
        const role = next?.peek('role') ?? 'assistant'
        expect([next?.peek('type'), role]).not.toEqual([undefined, 'user'])
      }
    }
  },

  /** Results come first and all at once, in the message after the calls; no text is blank. */
  'anthropic-messages'(body) {
    const messages = listOf(body, 'messages')
    expect(ObjectReader.of(body, '').number('max_tokens')).toBeGreaterThan(0)
    expect(messages[0]?.string('role') ?? 'user').toBe('user')
    const joined: { role: string; blocks: ObjectReader[] }[] = []
    for (const message of messages) {
      const blocks = objectsIn(message.peek('content'))
      const last = joined.at(-1)
      if (last?.role === message.string('role')) last.blocks.push(...blocks)
      else joined.push({ role: message.string('role'), blocks: [...blocks] })
    }
    let open = new Set<string>()
    for (const { role, blocks } of joined) {
      const types = blocks.map((block) => block.string('type'))
      for (const block of blocks) {
        if (block.peek('type') === 'text') expect(block.string('text').trim()).not.toBe('')
      }
      if (role === 'user') {
        const results = blocks.filter((block) => block.peek('type') === 'tool_result')
        expect(types.lastIndexOf('tool_result')).toBe(results.length - 1)
        for (const result of results) expect(open.delete(result.string('tool_use_id'))).toBe(true)
      }
      expect([...open]).toEqual([])
      const calls = blocks.filter((block) => block.peek('type') === 'tool_use')
      open = new Set(calls.map((call) => call.string('id')))
    }
    expect([...open]).toEqual([])
  },

  /** As many results as calls, right after them; the user begins. */
  gemini(body) {
    const contents = listOf(body, 'contents')
    const counts = contents.map((content) => {
      const parts = objectsIn(content.peek('parts'))
      return {
        role: content.optionalString('role') ?? 'user',
        calls: parts.filter((part) => part.has('functionCall')).length,
        results: parts.filter((part) => part.has('functionResponse')).length,
      }
    })
    expect(counts[0]?.role ?? 'user').toBe('user')
    for (const [at, { calls, role }] of counts.entries()) {
      if (calls > 0) expect([role, counts[at + 1]?.results]).toEqual(['model', calls])
      expect(counts[at + 1]?.results ?? calls).toBe(calls)
      expect(role).not.toBe(counts[at + 1]?.role)
    }
  },

  /** As many results as calls, no two users in a row, and one at the end that can be answered. */
  'mistral-chat'(body) {
    const messages = listOf(body, 'messages')
    const roles = messages.map((message) => message.string('role'))
    for (const [at, message] of messages.entries()) {
      const calls = objectsIn(message.peek('tool_calls')).length
      const after = roles.slice(at + 1)
      const results = after.findIndex((role) => role !== 'tool')
      const answered = results === -1 ? after.length : results
      if (message.peek('role') === 'assistant') expect(answered).toBe(calls)
      if (message.peek('role') === 'user') expect(after[0]).not.toBe('user')
      if (message.peek('role') !== 'assistant' && message.peek('role') !== 'tool') {
        expect(after[0]).not.toBe('tool')
      }
    }
    const last = messages.at(-1)
    const begun = last?.peek('prefix') === true
    expect(last === undefined || begun || roles.at(-1) !== 'assistant').toBe(true)
  },

  /** Content is text, and arguments are objects. */
  ollama(body) {
    for (const message of listOf(body, 'messages')) {
      expect(['system', 'user', 'assistant', 'tool']).toContain(message.string('role'))
      expect(message.string('content')).toBeTypeOf('string')
      for (const call of objectsIn(message.peek('tool_calls'))) {
        expect(isObject(call.object('function').peek('arguments'))).toBe(true)
      }
    }
  },
}
