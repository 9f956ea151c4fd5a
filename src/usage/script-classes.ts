// The kinds of characters that a text is made of, and how many of each a token holds. What is said of ASCII is said in text-tokens.ts once more.

/** One kind of characters: a run of them costs a token for every `perToken` characters, begun or whole. */
export interface ScriptClass {
  readonly pattern: string
  readonly perToken: number
}

/**
 * Tried in this order at each place. Vendors say "about four characters of English a token", spaces included (OpenAI help centre,
 * Gemini and Anthropic docs, 2026-11): words of up to six letters are mostly one token, longer ones two. Byte-level tokenizers
 * are trained on English first, so that other scripts cost up to a token a character, and rare symbols one a byte.
 */
export const CLASSES: readonly ScriptClass[] = [
  // Words in plain Latin letters, cut where camelCase is: hashes and base64 are made of short ones. The space before is free.
  { pattern: String.raw` ?[A-Z]?[a-z]+| ?[A-Z]+`, perToken: 6 },
  { pattern: String.raw` ?[\p{Script=Latin}\p{M}]+`, perToken: 3 },
  { pattern: String.raw` ?[\p{Script=Cyrillic}\p{Script=Greek}]+`, perToken: 2.5 },
  {
    pattern: String.raw` ?[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Armenian}\p{Script=Georgian}]+`,
    perToken: 2,
  },
  // Some tokenizers take digits one by one, most by threes.
  { pattern: String.raw` ?\p{Nd}+`, perToken: 2 },
  {
    pattern: String.raw`[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]+`,
    perToken: 0.9,
  },
  { pattern: String.raw` ?[\p{L}\p{M}]+`, perToken: 1 },
  { pattern: String.raw`\s+`, perToken: 8 },
  { pattern: String.raw` ?[!-/:-@[-${'`'}{-~]+`, perToken: 2 },
  { pattern: String.raw`[^]`, perToken: 0.5 },
]

/** For the likeliest number. */
export const LIKELY: readonly ScriptClass[] = [
  { pattern: String.raw` [A-Z]?[a-z]+`, perToken: 8 },
  ...CLASSES,
]
