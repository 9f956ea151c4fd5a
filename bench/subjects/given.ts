// Any gateway that is running already: BENCH_GATEWAY=name,url,pid,model; the model is sent as it stands.
import { familyOf } from '../process-cost.ts'
import type { Subject } from '../subject.ts'

/** `text` as in BENCH_GATEWAY. Whoever gives it has pointed it at the upstream, whose port BENCH_UPSTREAM_PORT sets. */
export function given(text: string): Subject {
  const [name = 'given', url = '', pid = '0', model = 'm'] = text.split(',')
  return {
    name,
    role: 'peer',
    missing: async () => (URL.canParse(url) ? undefined : `BENCH_GATEWAY has no URL: ${text}`),
    start: async () => ({
      lanes: [{ kind: 'pass', url, headers: {}, model: (pace) => (pace === 'm' ? model : pace) }],
      pids: () => (pid === '0' ? [] : familyOf(Number(pid))),
      stop: async () => undefined,
    }),
  }
}
