// Which chunk is the one that only asking for usage brings.
import { expect, it } from 'vitest'
import { isUsageChunk } from './usage-chunk.ts'

it.each([
  ['{"id":"1","choices":[],"usage":{"total_tokens":3}}', true],
  ['{"choices" : [ ] ,"usage":{}}', true],
  ['{"choices":[],"usage":null}', false],
  ['{"choices":[],"prompt_filter_results":[]}', false],
  ['{"choices":[{"index":0,"delta":{}}],"usage":{"total_tokens":3}}', false],
  ['{"choices":[{"delta":{"content":"\\"choices\\":[]"}}],"usage":{}}', false],
  ['{"choices":[{"delta":{"choices":[]}}],"usage":{}}', false],
  ['{"choices":[', false],
  ['[DONE]', false],
])('%s: %s', (data, expected) => {
  expect(isUsageChunk({ data })).toBe(expected)
})
