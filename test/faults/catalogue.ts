// Every fault of the first rank, and what proves that it is borne: a test that bears its number, or what it still waits for.

/** What a fault needs before it can be shown. */
type Missing =
  | 'its part of issue 4'
  | 'budgets and the ledger (issue 5)'
  | 'the stores of SQLite and Postgres (issue 5)'
  | 'the vault (issue 5)'
  | 'skills (issue 8)'
  | 'several workers'
  | 'the load bench'

/** Tests with the number in their titles. */
const PROVEN = [
  'F001',
  'F002',
  'F004',
  'F005',
  'F006',
  'F011',
  'F012',
  'F013',
  'F016',
  'F020',
  'F021',
  'F025',
  'F027',
  'F028',
  'F030',
  'F040',
  'F043',
  'F047',
  'F050',
  'F052',
  'F053',
  'F054',
  'F057',
  'F058',
  'F060',
  'F062',
  'F063',
  'F065',
  'F070',
  'F072',
  'F074',
  'F075',
  'F076',
  'F077',
  'F078',
  'F081',
  'F082',
  'F083',
  'F084',
  'F085',
  'F086',
  'F088',
  'F090',
  'F138',
  'F141',
  'F142',
  'F143',
] as const

const WAITING: Readonly<Record<string, Missing>> = {
  F031: 'its part of issue 4',
  F032: 'its part of issue 4',
  F033: 'its part of issue 4',
  F046: 'its part of issue 4',
  F066: 'budgets and the ledger (issue 5)',
  F079: 'budgets and the ledger (issue 5)',
  F091: 'its part of issue 4',
  F092: 'its part of issue 4',
  F094: 'its part of issue 4',
  F095: 'its part of issue 4',
  F096: 'its part of issue 4',
  F097: 'its part of issue 4',
  F102: 'its part of issue 4',
  F103: 'its part of issue 4',
  F104: 'its part of issue 4',
  F105: 'its part of issue 4',
  F106: 'its part of issue 4',
  F107: 'its part of issue 4',
  F111: 'the stores of SQLite and Postgres (issue 5)',
  F113: 'the stores of SQLite and Postgres (issue 5)',
  F116: 'the stores of SQLite and Postgres (issue 5)',
  F117: 'the stores of SQLite and Postgres (issue 5)',
  F118: 'the stores of SQLite and Postgres (issue 5)',
  F122: 'the vault (issue 5)',
  F124: 'budgets and the ledger (issue 5)',
  F125: 'its part of issue 4',
  F128: 'its part of issue 4',
  F129: 'several workers',
  F130: 'its part of issue 4',
  F131: 'its part of issue 4',
  F136: 'skills (issue 8)',
  F137: 'its part of issue 4',
  F145: 'budgets and the ledger (issue 5)',
  F147: 'budgets and the ledger (issue 5)',
  F148: 'budgets and the ledger (issue 5)',
  F151: 'its part of issue 4',
  F152: 'the load bench',
}

export interface Catalogue {
  readonly proven: readonly string[]
  readonly waiting: Readonly<Record<string, Missing>>
}

export const CATALOGUE: Catalogue = { proven: PROVEN, waiting: WAITING }

/** `P0 faults: 43 proven of 84, 41 waiting for: …` */
export function summary({ proven, waiting }: Catalogue): string {
  const counts = new Map<Missing, number>()
  for (const missing of Object.values(waiting)) counts.set(missing, (counts.get(missing) ?? 0) + 1)
  const all = proven.length + Object.keys(waiting).length
  const why = [...counts].map(([missing, count]) => `${missing}: ${count}`).join('; ')
  return `P0 faults: ${proven.length} proven of ${all}, ${all - proven.length} waiting for ${why}`
}
