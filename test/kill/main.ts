// `npm run kill -- [rounds] [seed] [postgres]`: a gateway under load, killed at 200 moments; its ledger is compared with what its provider knows.
import { postgresServer } from '../real/postgres-server.ts'
import { killRounds } from './kill-rounds.ts'

const [rounds = '200', seed = '1', where] = process.argv.slice(2)
const postgres = where === 'postgres' ? (await postgresServer()).value : undefined
const url = await postgres?.database()
const report = await killRounds({
  rounds: Number(rounds),
  seed: Number(seed),
  ...(url === undefined ? {} : { url }),
})
await postgres?.close()
console.log(JSON.stringify(report, null, 2))
for (const line of report.wrong.slice(0, 20)) console.error(line)
process.exitCode = report.wrong.length === 0 ? 0 : 1
