// Attacks that tests of single parts try.
import type { TestedAttack } from '../attack.ts'

export const testedAttacks: readonly TestedAttack[] = [
  {
    id: 'L003',
    name: 'reads a secret of which only a part is masked',
    tests: 'src/vault/secret.test.ts',
    weaken: [
      {
        file: 'src/vault/secret.ts',
        find: '  toString(): string {\n    return MASK\n',
        put: '  toString(): string {\n    return `${this.#value.slice(0, 5)}***`\n',
      },
    ],
  },
  {
    id: 'K010',
    name: 'has many calls at once pass a budget for few',
    tests: 'src/store/ledger/ledger.test.ts',
    weaken: [
      {
        file: 'src/store/ledger/rows.ts',
        find: 'WHERE budgets.spent_nano + budgets.reserved_nano + excluded.reserved_nano <= excluded.limit_nano',
        put: '',
      },
    ],
  },
  {
    id: 'K012',
    name: 'leaves every stream before its provider has counted it',
    tests: 'test/budgets.test.ts',
    weaken: [
      {
        file: 'src/ledger/settlement.ts',
        find: '  const nanoUsd = costOf(used, price)?.nanoUsd',
        put: "  const nanoUsd = outcome.kind === 'abandoned' ? 0 : costOf(used, price)?.nanoUsd",
      },
    ],
  },
  {
    id: 'K014',
    name: 'asks for amounts that give back what was never taken',
    tests: 'test/budgets.test.ts',
    weaken: [{ file: 'src/pipeline/pipeline.ts', find: '    soundAmounts(),\n', put: '' }],
  },
  {
    id: 'K015',
    name: 'reaches a provider where nobody counts',
    tests: 'test/budgets.test.ts',
    weaken: [
      {
        file: 'src/ledger/metered.ts',
        find: "exchange.operation === 'count-tokens'",
        put: "exchange.operation !== 'chat'",
      },
    ],
  },
  {
    id: 'Z013',
    name: 'spends without end with a key that was found',
    tests: 'test/budgets.test.ts',
    weaken: [
      {
        file: 'src/server/keys/key-desk.ts',
        find: "const DEFAULT_BUDGET = [{ nanoUsd: 100_000_000_000, period: 'month', hard: true }] as const",
        put: 'const DEFAULT_BUDGET = [] as const',
      },
    ],
  },
]
