// Whether a row of numbers rises: the line through them by least squares, and how sure it is.

export interface Slope {
  /** For each step of `x`. */
  readonly slope: number
  /** The standard error of the slope: how far it may be off by chance. */
  readonly error: number
  /** `rises` where the slope is more than three times what chance makes of it, and the rise more than a hundredth of what there is. */
  readonly verdict: 'flat' | 'rises'
}

export interface Point {
  readonly x: number
  readonly y: number
}

const SURE = 3
const MATTERS = 0.01

export function slopeOf(points: readonly Point[]): Slope {
  const count = points.length
  if (count < 3) throw new Error('A slope needs three points')
  const meanX = mean(points.map(({ x }) => x))
  const meanY = mean(points.map(({ y }) => y))
  const spread = sum(points.map(({ x }) => (x - meanX) ** 2))
  const slope = sum(points.map(({ x, y }) => (x - meanX) * (y - meanY))) / spread
  const rest = sum(points.map(({ x, y }) => (y - meanY - slope * (x - meanX)) ** 2))
  const error = Math.sqrt(rest / (count - 2) / spread)
  const xs = points.map(({ x }) => x)
  const rise = slope * (Math.max(...xs) - Math.min(...xs))
  const isSure = slope > SURE * error && rise > MATTERS * meanY
  return { slope, error, verdict: isSure ? 'rises' : 'flat' }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0)
}

function mean(numbers: readonly number[]): number {
  return sum(numbers) / numbers.length
}
