// Every fault of the first rank, and what proves that it is borne: a test that bears its number, or what it still waits for.

/** What a fault needs before it can be shown. */
type Missing = 'skills (issue 8)'

export const FIRST_RANK: readonly string[] = [
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
  'F031',
  'F032',
  'F033',
  'F040',
  'F043',
  'F046',
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
  'F066',
  'F070',
  'F072',
  'F074',
  'F075',
  'F076',
  'F077',
  'F078',
  'F079',
  'F081',
  'F082',
  'F083',
  'F084',
  'F085',
  'F086',
  'F088',
  'F090',
  'F091',
  'F092',
  'F094',
  'F095',
  'F096',
  'F097',
  'F102',
  'F103',
  'F104',
  'F105',
  'F106',
  'F107',
  'F111',
  'F113',
  'F116',
  'F117',
  'F118',
  'F122',
  'F124',
  'F125',
  'F128',
  'F129',
  'F130',
  'F131',
  'F136',
  'F137',
  'F138',
  'F141',
  'F142',
  'F143',
  'F145',
  'F147',
  'F148',
  'F151',
  'F152',
]

/** Any other has a test with its number in the title. */
export const WAITING: Readonly<Record<string, Missing>> = {
  F136: 'skills (issue 8)',
}

/** `P0 faults: 43 proven of 84, 41 waiting for …`; `borne` are those with a test. */
export function summary(borne: ReadonlySet<string>): string {
  const proven = FIRST_RANK.filter((fault) => borne.has(fault))
  const counts = new Map<string, number>()
  for (const fault of FIRST_RANK) {
    if (borne.has(fault)) continue
    const missing = WAITING[fault] ?? 'a test'
    counts.set(missing, (counts.get(missing) ?? 0) + 1)
  }
  const why = [...counts].map(([missing, count]) => `${missing}: ${count}`).join('; ')
  const open = FIRST_RANK.length - proven.length
  return `P0 faults: ${proven.length} proven of ${FIRST_RANK.length}, ${open} waiting for ${why}`
}
