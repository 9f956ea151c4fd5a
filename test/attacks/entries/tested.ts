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
    id: 'A033',
    name: 'signs with an empty secret',
    tests: 'src/server/alerts/alerts.test.ts',
    weaken: [
      {
        file: 'src/server/alerts/signature.ts',
        find: "  if (key === '') {\n",
        put: "  if (key === 'never') {\n",
      },
    ],
  },
  {
    id: 'P006',
    name: 'gives a list of prices with negative ones, or with more than prices',
    tests: 'src/prices/price-update.test.ts',
    weaken: [
      {
        file: 'src/prices/price-update.ts',
        find: 'const dollars = z.number().min(0).max(1_000_000)',
        put: 'const dollars = z.number()',
      },
    ],
  },
]
