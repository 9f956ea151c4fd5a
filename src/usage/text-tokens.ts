// About how many tokens a text is, by the scripts it is written in, for any vendor's tokenizer.

/** One kind of characters: a run of them costs a token for every `perToken` characters, begun or whole. */
interface ScriptClass {
  readonly pattern: string
  readonly perToken: number
}

/**
 * Tried in this order at each place. Vendors say "about four characters of English a token", spaces included (OpenAI help centre,
 * Gemini and Anthropic docs, 2026-11): words of up to six letters are mostly one token, longer ones two. Byte-level tokenizers
 * are trained on English first, so that other scripts cost up to a token a character, and rare symbols one a byte.
 */
const CLASSES: readonly ScriptClass[] = [
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

/** In running English most words of up to eight letters and a space are one token (o200k_base and cl100k_base, over prose and documentation). */
const LIKELY: readonly ScriptClass[] = [
  { pattern: String.raw` [A-Z]?[a-z]+`, perToken: 8 },
  ...CLASSES,
]

class Scale {
  readonly #classes: readonly ScriptClass[]
  readonly #pieces: RegExp

  constructor(classes: readonly ScriptClass[]) {
    this.#classes = classes
    this.#pieces = new RegExp(classes.map(({ pattern }) => `(${pattern})`).join('|'), 'gu')
  }

  tokens(text: string): number {
    let tokens = 0
    for (const match of text.matchAll(this.#pieces)) {
      const { perToken = 1 } =
        this.#classes[match.findIndex((group, at) => at > 0 && group !== undefined) - 1] ?? {}
      const [piece] = match
      const length = piece.trimStart().length || piece.length
      tokens += Math.ceil(length / perToken)
    }
    return tokens
  }
}

const UPPER_GUESS = new Scale(CLASSES)
const LIKELY_GUESS = new Scale(LIKELY)

/** What comes after so many characters is counted by its letters alone, at a nanosecond each: a long text stalls nobody. */
const SCRIPTS_UP_TO = 262_144

/** An upper guess: for what is set aside. */
export function textTokens(text: string): number {
  return bounded(text, UPPER_GUESS)
}

/** The likeliest number: for what was used, where too many is as wrong as too few. */
export function likelyTokens(text: string): number {
  return bounded(text, LIKELY_GUESS)
}

function bounded(text: string, scale: Scale): number {
  if (text.length <= SCRIPTS_UP_TO) return scale.tokens(text)
  return scale.tokens(text.slice(0, SCRIPTS_UP_TO)) + bulkTokens(text, SCRIPTS_UP_TO)
}

/** ASCII at three characters a token, all else at one: more than nearly any text is. */
function bulkTokens(text: string, from: number): number {
  let ascii = 0
  for (let at = from; at < text.length; at += 1) if (text.charCodeAt(at) < 0x80) ascii += 1
  return Math.ceil(ascii / 3) + (text.length - from - ascii)
}
