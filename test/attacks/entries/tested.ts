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
]
