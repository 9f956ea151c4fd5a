// Which address answers what: where the admin has one of its own, no route stands at both.
import type { PatchbayConfig } from '../config/schema.ts'
import type { Application } from './message.ts'
import { Perimeter } from './perimeter.ts'
import type { Route } from './route.ts'

export type MakeApplication = (routes: readonly Route[], perimeter: Perimeter) => Application

export function splitApplication(
  { server, admin }: Pick<PatchbayConfig, 'server' | 'admin'>,
  routes: readonly Route[],
  make: MakeApplication,
): Application {
  if (admin === undefined) return make(routes, new Perimeter(server))
  const own = routes.filter((route) => isForAdmin(route))
  const others = routes.filter((route) => !isForAdmin(route))
  const forClients = make(others, new Perimeter(server))
  // Pages of other origins have no business with the admin, whatever they may ask of models.
  const atAdmin = new Perimeter({ ...server, host: admin.host, allowedOrigins: [] })
  const forAdmin = make(own, atAdmin)
  return async (inbound) => (inbound.atAdmin === true ? forAdmin(inbound) : forClients(inbound))
}

export function isForAdmin({ access, where }: Pick<Route, 'access' | 'where'>): boolean {
  return access === 'admin' || where === 'admin'
}
