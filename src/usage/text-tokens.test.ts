// What is counted letter by letter is what the patterns of the classes count.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { CLASSES, LIKELY, type ScriptClass } from './script-classes.ts'
import { likelyTokens, textTokens } from './text-tokens.ts'

/** By the patterns alone. */
function matchedTokens(text: string, classes: readonly ScriptClass[]): number {
  const pieces = new RegExp(classes.map(({ pattern }) => `(${pattern})`).join('|'), 'gu')
  let tokens = 0
  for (const match of text.matchAll(pieces)) {
    const at = match.findIndex((group, at) => at > 0 && group !== undefined) - 1
    const [piece] = match
    const length = piece.trimStart().length || piece.length
    tokens += Math.ceil(length / (classes[at]?.perToken ?? 1))
  }
  return tokens
}

const LETTERS =
  'a|Z|b|Q| |0|9|\n|\t|.|-|"|\u0000|\u007f|\u00a0|\u2028|é|ß|я|٣|今|\u0301|😀|\ud800'.split('|')
const texts = fc.oneof(
  fc.array(fc.constantFrom(...LETTERS), { maxLength: 30 }).map((letters) => letters.join('')),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'binary-ascii', maxLength: 200 }),
  fc.lorem({ mode: 'sentences' }),
)

it('counts as the patterns do', () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(textTokens(text)).toBe(matchedTokens(text, CLASSES))
      expect(likelyTokens(text)).toBe(matchedTokens(text, LIKELY))
    }),
    { numRuns: 20_000 },
  )
})
