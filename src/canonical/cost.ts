// What a call cost, in whole billionths of a US dollar: sums of such numbers do not drift.

export interface Cost {
  /** Billionths of a US dollar, a whole number. */
  readonly nanoUsd: number
  /** The same in US dollars, as a decimal: `0.00042`. */
  readonly usd: string
  /** What of the call has no price that is known, and is counted here at the usual rate or not at all: `tier priority`, `tool web_search_requests`. */
  readonly unpriced?: readonly string[]
}

const DECIMALS = 9

/** `nanoUsd` must be a whole number of 0 or more. */
export function costOfNano(nanoUsd: number): Cost {
  return { nanoUsd, usd: decimal(nanoUsd) }
}

function decimal(nanoUsd: number): string {
  const digits = String(nanoUsd).padStart(DECIMALS + 1, '0')
  const whole = digits.slice(0, -DECIMALS)
  const fraction = digits.slice(-DECIMALS).replace(/0+$/, '')
  return fraction === '' ? whole : `${whole}.${fraction}`
}

/** Whole billionths of what is written as US dollars: `12`, `"0.05"`. Undefined where it is no such amount, or too large to be counted. */
export function nanoOfUsd(usd: string | number): number | undefined {
  const text = typeof usd === 'number' ? plain(usd) : usd
  const [, whole = '', fraction = ''] = /^(\d+)(?:\.(\d{1,9}))?$/.exec(text) ?? []
  if (whole === '') return undefined
  const nano = Number(whole + fraction.padEnd(DECIMALS, '0'))
  return Number.isSafeInteger(nano) ? nano : undefined
}

/** Without an exponent, which small numbers have. */
function plain(usd: number): string {
  const text = String(usd)
  return text.includes('e') ? usd.toFixed(2 * DECIMALS).replace(/0+$/, '') : text
}
