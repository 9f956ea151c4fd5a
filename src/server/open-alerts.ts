// The alerts of a server, from its configuration and its database.
import { THRESHOLDS, WEBHOOK } from '../config/alert-schema.ts'
import type { PatchbayConfig } from '../config/schema.ts'
import type { Happenings } from '../exchange/happenings.ts'
import type { Database } from '../store/operation.ts'
import type { Transport } from '../transport/transport.ts'
import { Alerts } from './alerts/alerts.ts'
import { sendToWebhook } from './alerts/webhook.ts'
import type { After } from './message.ts'

export interface AlertSurroundings {
  readonly database: Database
  readonly inForce: { readonly config: PatchbayConfig }
  readonly happenings: Happenings
  readonly transport: Transport
  readonly now: () => number
  readonly after: After
}

/** Gives the way to end it. */
export function openAlerts(around: AlertSurroundings): () => Promise<void> {
  const { inForce, happenings, transport, now } = around
  const hook = inForce.config.alerts?.webhook
  const alerts = new Alerts({
    ...around,
    tell: happenings.tell,
    thresholds: () => inForce.config.alerts?.thresholds ?? THRESHOLDS,
    ...(hook === undefined
      ? {}
      : {
          sending: {
            tries: hook.tries ?? WEBHOOK.tries,
            send: (message, signal) =>
              sendToWebhook(message, {
                url: new URL(hook.url),
                secret: hook.secret,
                timeoutMs: hook.timeoutMs ?? WEBHOOK.timeoutMs,
                transport,
                now,
                signal,
              }),
          },
        }),
  })
  const stop = happenings.listen(alerts.hear)
  alerts.start()
  return async () => {
    stop()
    await alerts.close()
  }
}
