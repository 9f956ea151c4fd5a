// Attacks that tests elsewhere try.
import { testedAttacks } from './entries/tested.ts'
import { proveTested } from './prove-tested.ts'

proveTested(testedAttacks)
