// Arbitrary work of hosted tools, from small pools so that ids clash and calls meet their results.
import fc from 'fast-check'
import type { HostedWork } from './hosted-work.ts'

const word = fc.constantFrom('', 'a', 'été', 'print(1)\n', '```')

export const hostedWorkArbitrary: fc.Arbitrary<HostedWork> = fc.record(
  {
    tool: fc.constantFrom('web-search', 'web-fetch', 'code-execution', 'other'),
    phase: fc.constantFrom('call', 'result', 'both'),
    id: fc.constantFrom('1', '2'),
    queries: fc.array(word, { maxLength: 2 }),
    url: fc.constantFrom('https://a.example/', ''),
    code: word,
    language: fc.constant('shell' as const),
    sources: fc.array(
      fc.record(
        { url: fc.constantFrom('https://a.example/', 'https://b.example/'), title: word },
        { requiredKeys: ['url'] },
      ),
      { maxLength: 2 },
    ),
    output: word,
    failed: fc.constantFrom('failed', 'unavailable'),
  },
  { requiredKeys: ['tool', 'phase'] },
)
