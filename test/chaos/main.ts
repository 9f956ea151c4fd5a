// `npm run chaos -- [requests] [seed]`: 20,000 calls in six protocols over three providers with a fault in 30 % of all attempts.
import { runChaos } from './run.ts'
import { shortcomings } from './verdict.ts'

const [requests = 20_000, seed = 1] = process.argv.slice(2).map(Number)
const dialects = ['openai-chat', 'anthropic-messages', 'ollama']
const eighth = Math.floor(requests / 8)
/** One provider after the other is gone for a while. */
const outages = dialects.map((provider, at) => {
  const from = (2 * at + 1) * eighth
  return { provider, from, to: from + Math.floor(eighth / 4) }
})

/** More than the share that is wanted: a fault that would leave a call nobody to ask is withdrawn, and the ejected are asked less. */
const RATE = 0.35

const report = await runChaos({
  requests,
  seed,
  rate: RATE,
  dialects,
  atOnce: 48,
  outages,
  patience: 20,
})
const { wrongs: _, ...told } = report
console.log(JSON.stringify(told, null, 2))
const share = report.failures / report.attempts
const missing = shortcomings(report, outages.length)
for (const line of missing.slice(0, 20)) console.error(line)
console.log(
  missing.length === 0
    ? `${report.requests} calls, seed ${seed}: ${report.outcomes.whole} answered whole, ${report.outcomes.cut} cut within and told so, none failed before its first content; ${(share * 100).toFixed(1)} % of ${report.attempts} attempts failed.`
    : `${missing.length} things are not as they should be (seed ${seed}).`,
)
process.exitCode = missing.length === 0 ? 0 : 1
