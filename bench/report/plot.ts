// The plot: processor time of each lane as a bar, in SVG that reads on light and dark. Peers lie apart by powers of ten, so that bars are logarithmic.
import type { Row } from './rows.ts'

const WIDTH = 760
const BAR = 22
const GAP = 8
const LEFT = 190

const COLOURS: Readonly<Record<Row['role'], string>> = {
  direct: '#94a3b8',
  floor: '#94a3b8',
  ours: '#2563eb',
  peer: '#d97706',
}

export function plot(title: string, rows: readonly Row[]): string {
  const shown = rows.filter(({ cpu }) => cpu !== undefined)
  const most = Math.max(1, ...shown.map(({ cpu = 0 }) => cpu))
  const height = 50 + shown.length * (BAR + GAP)
  const bars = shown.map(({ name, role, cpu = 0 }, at) => {
    const y = 42 + at * (BAR + GAP)
    const length = shareOf(cpu, most) * (WIDTH - LEFT - 90)
    const text = y + BAR * 0.7
    return `<text x="${LEFT - 8}" y="${text}" text-anchor="end">${name}</text><rect x="${LEFT}" y="${y}" width="${length.toFixed(1)}" height="${BAR}" rx="3" fill="${COLOURS[role]}"/><text x="${(LEFT + length + 6).toFixed(1)}" y="${text}">${Math.round(cpu)}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="13"><style>text{fill:#334155}@media(prefers-color-scheme:dark){text{fill:#e2e8f0}}</style><text x="8" y="22" font-size="15">${title}</text>${bars.join('')}</svg>\n`
}

/** Of the longest bar; what costs this much or less has none. */
const LEAST = 5

function shareOf(cpu: number, most: number): number {
  return Math.max(0, Math.log(cpu / LEAST) / Math.log(Math.max(most, 2 * LEAST) / LEAST))
}
