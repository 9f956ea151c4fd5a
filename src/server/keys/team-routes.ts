// /api/admin/teams: make, list, show, change and remove teams.
import { z } from 'zod'
import { nextField, pageOf, pagingFields } from '../admin/paging.ts'
import { versioned } from '../admin/precondition.ts'
import { type Outbound, jsonAnswer } from '../message.ts'
import { writePlainError } from '../plain-error.ts'
import type { Call, Route } from '../route.ts'
import { queried, validated } from '../validate.ts'
import { newTeam, teamChange } from './key-schema.ts'
import { shownTeamSchema, teamView } from './key-view.ts'
import { keyIdOf } from '../auth.ts'
import type { StoredTeam, TeamDesk } from './team-desk.ts'

const SHARED = { access: 'admin', writeError: writePlainError } as const
const CHANGING = { ...SHARED, role: 'operator' } as const
const GROUP = 'teams'
const ALL = '/api/admin/teams'
const ONE = `${ALL}/:id`
const shown = z.object({ team: shownTeamSchema })
const TOLD = ['id', 'name', 'models', 'budget', 'limits', 'state']

export function teamRoutes(desk: TeamDesk): readonly Route[] {
  return [listRoute(desk), createRoute(desk), showRoute(desk), changeRoute(desk), removeRoute(desk)]
}

const page = z.strictObject({ ...pagingFields })

function listRoute(desk: TeamDesk): Route {
  return {
    ...SHARED,
    method: 'GET',
    path: ALL,
    description: {
      summary: 'List the teams',
      group: GROUP,
      query: page,
      response: z.object({ teams: z.array(shownTeamSchema), next: nextField }),
    },
    handle: async (call) => {
      const { items, next } = await pageOf(queried(page, call), {
        read: (wanted) => desk.list(wanted),
        placeOf: ({ record }) => record.id,
      })
      return jsonAnswer({ teams: items.map((one) => teamView(one)), next })
    },
  }
}

function createRoute(desk: TeamDesk): Route {
  return {
    ...CHANGING,
    method: 'POST',
    path: ALL,
    audit: { action: 'team.create', shows: TOLD },
    description: {
      summary: 'Make a team: what its keys may do and use, all together',
      group: GROUP,
      request: newTeam,
      response: shown,
      status: 201,
    },
    handle: async (call) => {
      const by = keyIdOf(call.caller) ?? ''
      return answerWith(await desk.create(validated(newTeam, call.body), by), 201)
    },
  }
}

function showRoute(desk: TeamDesk): Route {
  return {
    ...SHARED,
    method: 'GET',
    path: ONE,
    description: { summary: 'Show one team', group: GROUP, response: shown },
    handle: async (call) => answerWith(await desk.find(idIn(call))),
  }
}

function changeRoute(desk: TeamDesk): Route {
  return {
    ...CHANGING,
    method: 'PATCH',
    path: ONE,
    precondition: 'required',
    audit: { action: 'team.change', shows: TOLD },
    description: {
      summary: 'Change what a team may do; what is not named stays',
      group: GROUP,
      request: teamChange,
      response: shown,
    },
    handle: async (call) => {
      const said = validated(teamChange, call.body)
      return answerWith(await desk.change(idIn(call), said, call.expected ?? 'any'))
    },
  }
}

function removeRoute(desk: TeamDesk): Route {
  return {
    ...CHANGING,
    method: 'DELETE',
    path: ONE,
    precondition: 'optional',
    audit: { action: 'team.remove' },
    description: {
      summary: 'Remove a team; its keys are good for nothing from then on',
      group: GROUP,
      response: z.object({ removed: z.string() }),
    },
    handle: async (call) => {
      const id = idIn(call)
      await desk.remove(id, call.expected ?? 'any')
      return jsonAnswer({ removed: id })
    },
  }
}

function answerWith(stored: StoredTeam, status: number = 200): Outbound {
  return versioned({ team: teamView(stored) }, stored.document.version, status)
}

function idIn({ params }: Call): string {
  return params['id'] ?? ''
}
