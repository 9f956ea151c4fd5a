// Every attack of the catalogue by its severity, and what becomes of it: proven by an entry here, waiting for something, or without an object.
import type { Entry } from './attack.ts'
import { adminBodyAttacks } from './entries/admin-bodies.ts'
import { adminDoorAttacks } from './entries/admin-doors.ts'
import { atRestAttacks } from './entries/at-rest.ts'
import { connectionFloods } from './entries/dos-connections.ts'
import { keyRoleAttacks } from './entries/key-roles.ts'
import { leakAttacks } from './entries/leaks.ts'
import { moneyAttacks } from './entries/money.ts'
import { perimeterAttacks } from './entries/perimeter.ts'
import { processAttacks } from './entries/process.ts'
import { testedAttacks } from './entries/tested.ts'
import { vaultAttacks } from './entries/vault.ts'
import { virtualKeyAttacks } from './entries/virtual-keys.ts'
import { requestAttacks } from './entries/data-requests.ts'
import { addressAttacks } from './entries/ssrf-addresses.ts'
import { connectionAttacks } from './entries/ssrf-connections.ts'
import { supplyAttacks } from './entries/supply-chain.ts'

export type Severity = 'critical' | 'high' | 'medium' | 'low'

/** What an attack needs before it can be shown to fail. */
type Missing =
  | 'the console (issue 7)'
  | 'skills (issue 8)'
  | 'the vault'
  | 'virtual keys'
  | 'the ledger'
  | 'the admin API'
  | 'the guard of addresses and of exposure'
  | 'an entry'

export const BY_SEVERITY: Readonly<Record<Severity, readonly string[]>> = {
  critical: [
    'A001',
    'A002',
    'A003',
    'A005',
    'A006',
    'A008',
    'A009',
    'A010',
    'A011',
    'A012',
    'A018',
    'A023',
    'A024',
    'A027',
    'A028',
    'A030',
    'C001',
    'D001',
    'D004',
    'D005',
    'D008',
    'D012',
    'D021',
    'K001',
    'K003',
    'K004',
    'K009',
    'K010',
    'K012',
    'L001',
    'P001',
    'P002',
    'P007',
    'S001',
    'S002',
    'S003',
    'S006',
    'S008',
    'S012',
    'S013',
    'V001',
    'V002',
    'V009',
    'X001',
    'X004',
    'X008',
    'X009',
    'X013',
    'X014',
    'X015',
    'X017',
    'X022',
    'Z013',
  ],
  high: [
    'A004',
    'A016',
    'A017',
    'A019',
    'A021',
    'A026',
    'A033',
    'C002',
    'C003',
    'C004',
    'C007',
    'C008',
    'D006',
    'D010',
    'D016',
    'D017',
    'D019',
    'D020',
    'D022',
    'K005',
    'K006',
    'K014',
    'K015',
    'L002',
    'L003',
    'L005',
    'L006',
    'L010',
    'P004',
    'P006',
    'P008',
    'P009',
    'S004',
    'S005',
    'S010',
    'S014',
    'S015',
    'S016',
    'S018',
    'S019',
    'V003',
    'V005',
    'V007',
    'V010',
    'V011',
    'V012',
    'V013',
    'V014',
    'X003',
    'X006',
    'X007',
    'X011',
    'X016',
    'X018',
    'X019',
    'Z001',
    'Z002',
    'Z004',
    'Z007',
    'Z008',
    'Z010',
    'Z012',
  ],
  medium: [
    'A020',
    'A032',
    'A034',
    'C006',
    'C012',
    'D014',
    'D015',
    'K007',
    'K016',
    'K017',
    'L004',
    'L011',
    'P010',
    'Z009',
    'Z011',
    'Z015',
    'Z016',
  ],
  low: ['C011', 'D018', 'K008', 'L012'],
}

/** Each group has its own list. */
export const ATTACKS: readonly Entry[] = [
  ...adminDoorAttacks,
  ...adminBodyAttacks,
  ...perimeterAttacks,
  ...leakAttacks,
  ...testedAttacks,
  ...processAttacks,
  ...keyRoleAttacks,
  ...virtualKeyAttacks,
  ...vaultAttacks,
  ...atRestAttacks,
  ...moneyAttacks,
  ...requestAttacks,
  ...addressAttacks,
  ...connectionAttacks,
  ...connectionFloods,
  ...supplyAttacks,
]

/** Any other has an entry, or no object. */
export const WAITING: Readonly<Record<string, Missing>> = {
  A020: 'the console (issue 7)',
  C001: 'the console (issue 7)',
  C002: 'the console (issue 7)',
  C003: 'the console (issue 7)',
  C004: 'the console (issue 7)',
  C006: 'the console (issue 7)',
  C007: 'the console (issue 7)',
  C008: 'the console (issue 7)',
  C011: 'the console (issue 7)',
  C012: 'the console (issue 7)',
  P007: 'skills (issue 8)',
  X001: 'skills (issue 8)',
  X003: 'skills (issue 8)',
  X004: 'skills (issue 8)',
  X006: 'skills (issue 8)',
  X007: 'skills (issue 8)',
  X008: 'skills (issue 8)',
  X009: 'skills (issue 8)',
  X011: 'skills (issue 8)',
  X013: 'skills (issue 8)',
  X014: 'skills (issue 8)',
  X015: 'skills (issue 8)',
  X016: 'skills (issue 8)',
  X017: 'skills (issue 8)',
  X018: 'skills (issue 8)',
  X019: 'skills (issue 8)',
  X022: 'skills (issue 8)',
}

/** What cannot be tried, each with why. */
export const WITHOUT_OBJECT: Readonly<Record<string, string>> = {
  P002: 'nothing is published: no registry has a package of ours, and no token for one is anywhere',
  P009: 'there is no workflow of GitHub Actions: .ci/run is all that checks a submission',
}

export function severityOf(id: string): Severity | undefined {
  const severities = ['critical', 'high', 'medium', 'low'] as const
  return severities.find((severity) => BY_SEVERITY[severity].includes(id))
}

/** `Attacks: 74 of 115 critical and high proven, 37 waiting (skills (issue 8): 20; …), 4 without an object, 9 of 21 others proven`. */
export function summary(): string {
  const grave = [...BY_SEVERITY.critical, ...BY_SEVERITY.high]
  const others = [...BY_SEVERITY.medium, ...BY_SEVERITY.low]
  const waiting = grave.filter((id) => id in WAITING)
  const counts = Map.groupBy(waiting, (id) => WAITING[id] ?? '')
  const why = [...counts].map(([missing, ids]) => `${missing}: ${ids.length}`).join('; ')
  const without = grave.filter((id) => id in WITHOUT_OBJECT).length
  const parts = [
    `${proven(grave)} of ${grave.length} critical and high proven`,
    ...(waiting.length === 0 ? [] : [`${waiting.length} waiting (${why})`]),
    ...(without === 0 ? [] : [`${without} without an object`]),
    `${proven(others)} of ${others.length} others proven`,
  ]
  return `Attacks: ${parts.join(', ')}`
}

function proven(ids: readonly string[]): number {
  return ids.filter((id) => ATTACKS.some((attack) => attack.id === id)).length
}
