// The limits of one process keep the contract.
import { limitStoreContract } from './limit-store.contract.ts'
import { MemoryLimits } from './memory-limits.ts'

limitStoreContract(
  'limits in memory',
  () => {
    let nowMs = 1_700_000_000_000
    const store = new MemoryLimits(() => nowMs)
    return Promise.resolve({
      store,
      other: store,
      pass: (milliseconds: number) => {
        nowMs += milliseconds
        return Promise.resolve()
      },
      close: () => store.close(),
    })
  },
  { slackMs: 1, runs: 1000 },
)
