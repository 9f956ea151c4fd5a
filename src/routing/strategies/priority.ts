// The order of the configuration: the next one is asked when the one before it cannot answer.
import type { Strategy } from '../route.ts'

export const priority: Strategy = (contenders) => contenders
