// Masks what must not be kept: addresses, numbers of cards, keys, and words that a key names. Each pattern runs once over the text, in linear time.
import type { ContentPolicy, Redaction } from './content-policy.ts'

const MASK = '[redacted]'

/** No part of it can be matched in two ways, so that nothing is tried twice. */
const EMAIL = /[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}/g
/** 13 to 19 digits in groups, as cards have them. */
const CARD = /(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)/g
/** Ours, and those that vendors of models and clouds give out: by their first letters. */
const KEY =
  /(?<![A-Za-z0-9])(?:pb_[a-z]{1,8}_|pba_|sk-|sk_|pk_|rk_|gsk_|xai-|hf_|r8_|nvapi-|AIza|AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|xox[abpors]-|ya29\.|eyJ)[A-Za-z0-9_.+/=-]{12,512}/g

const REDACTORS: Readonly<Record<Redaction, (text: string) => string>> = {
  emails: (text) => text.replaceAll(EMAIL, MASK),
  cards: (text) => text.replaceAll(CARD, (found) => (isCard(found) ? MASK : found)),
  keys: (text) => text.replaceAll(KEY, MASK),
}

export function redacted(text: string, { redact, words }: ContentPolicy): string {
  let clean = text
  for (const one of redact) clean = REDACTORS[one](clean)
  for (const word of words) clean = withoutWord(clean, word)
  return clean
}

/** Luhn's sum: other numbers of that length are left alone, but for one in ten. */
function isCard(found: string): boolean {
  const digits = found.replaceAll(/\D/g, '')
  let sum = 0
  for (let at = 0; at < digits.length; at += 1) {
    const digit = Number(digits[digits.length - 1 - at])
    const doubled = at % 2 === 1 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

function withoutWord(text: string, word: string): string {
  if (word === '') return text
  const literal = word.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
  return text.replaceAll(new RegExp(literal, 'giu'), MASK)
}
