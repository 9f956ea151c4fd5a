// The counting of limits inside Redis: one script each, so that all limits of a call are decided at one moment, by Redis' own clock.

const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
`

/** A key lives for as long as anybody has been told that it does: who remembers one that is missing knows that Redis has lost it. */
const KEEP = `
local function keep(key, milliseconds)
  redis.call('PEXPIRE', key, math.max(redis.call('PTTL', key), math.ceil(math.max(0, milliseconds)) + 1000))
end
local function put(key, full)
  local kept = redis.call('PTTL', key)
  redis.call('SET', key, string.format('%.3f', full), 'PX', math.max(kept, math.ceil(math.max(0, full - now)) + 1000))
end
`

/** Whether KEYS[1] is the epoch that ARGV[1] names, and it may be counted in. */
const IN_EPOCH = `
local epoch = redis.call('HMGET', KEYS[1], 'name', 'settled')
if epoch[1] ~= ARGV[1] or tonumber(epoch[2]) > now then return { -1 } end
`

/**
 * A Redis that has lost its memory knows no epoch, or another one than its clients: they tell it what they remember
 * before it counts again. KEYS: the epoch. ARGV: a new epoch's name, the name that the caller knows (or ''), milliseconds
 * that others get to come back. Gives the epoch's name and the milliseconds until it may be counted in. An epoch that a
 * newcomer began is no old one: it settles too, once somebody comes who knew the one before.
 */
export const JOIN: string = `${NOW}
local epoch = redis.call('HMGET', KEYS[1], 'name', 'settled', 'born')
local name, settled, born = epoch[1], tonumber(epoch[2] or '0'), tonumber(epoch[3] or '0')
local function say() redis.call('HSET', KEYS[1], 'name', name, 'settled', string.format('%.3f', settled), 'born', string.format('%.3f', born)) end
if not name then
  name, born = ARGV[1], now
  settled = ARGV[2] ~= '' and now + tonumber(ARGV[3]) or now
  say()
elseif ARGV[2] ~= '' and ARGV[2] ~= name and born + tonumber(ARGV[3]) > math.max(now, settled) then
  settled = born + tonumber(ARGV[3])
  say()
end
return { name, tostring(math.max(0, settled - now)) }
`

/** KEYS: what a client remembers. ARGV: three each: `rate`, ms until full, ''; or `place`, ms to live, holder. */
export const SEED: string = `${NOW}${KEEP}for i, key in ipairs(KEYS) do
  local at = (i - 1) * 3
  local left = tonumber(ARGV[at + 2])
  if ARGV[at + 1] == 'rate' then
    local full = math.max(tonumber(redis.call('GET', key) or '0'), now + left)
    put(key, full)
  else
    redis.call('ZADD', key, now + left, ARGV[at + 3])
    keep(key, left)
  end
end
return 0
`

/**
 * KEYS: the epoch, then one a take. ARGV: the epoch's name as the caller knows it, then six a take: `rate` or `place`; limit; period or time to live in ms; cost; holder; `1` where
 * the caller remembers something of the key. The same algorithm as in resilience/limits/rate-algorithm.ts.
 * A key that is remembered and missing was evicted: what Redis knows is no longer all, and its epoch ends.
 * Gives: -1 where the epoch is another, still settles or has just ended (then -2 follows); else the index of the take without room (0: granted), milliseconds to wait (-1: never), then remaining and reset of each.
 */
export const TAKE: string = `${NOW}${KEEP}${IN_EPOCH}
for i = 1, #KEYS - 1 do
  if ARGV[(i - 1) * 6 + 7] == '1' and redis.call('EXISTS', KEYS[i + 1]) == 0 then
    redis.call('DEL', KEYS[1])
    return { -1, -2 }
  end
end

local function full_at(key) return tonumber(redis.call('GET', key) or '0') end
local function held(key)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
  return redis.call('ZCARD', key)
end

local takes, denied, wait = {}, 0, 0
for i = 1, #KEYS - 1 do
  local key, at = KEYS[i + 1], (i - 1) * 6 + 1
  local take = { key = key, kind = ARGV[at + 1], limit = tonumber(ARGV[at + 2]),
    period = tonumber(ARGV[at + 3]), cost = tonumber(ARGV[at + 4]), holder = ARGV[at + 5] }
  takes[i] = take
  if take.kind == 'rate' then
    take.full = full_at(key)
    take.after = math.max(take.full, now) + take.cost * take.period / take.limit
    local over = take.after - now - take.period
    if over > 0.5 and denied == 0 then
      denied = i
      wait = take.cost > take.limit and -1 or over
    end
  else
    take.held = held(key)
    if take.held >= take.limit and denied == 0 then
      denied = i
      wait = take.limit < 1 and -1 or 1000
    end
  end
end

local answer = { denied, tostring(wait) }
for _, take in ipairs(takes) do
  if take.kind == 'rate' then
    if denied == 0 then
      take.full = take.after
      put(take.key, take.full)
    end
    local reset = math.max(0, take.full - now)
    local left = math.floor(take.limit - reset / take.period * take.limit + 0.01)
    answer[#answer + 1] = tostring(math.max(0, left))
    answer[#answer + 1] = tostring(reset)
  else
    if denied == 0 then
      redis.call('ZADD', take.key, now + take.period, take.holder)
      keep(take.key, take.period)
      take.held = take.held + 1
    end
    answer[#answer + 1] = tostring(math.max(0, take.limit - take.held))
    answer[#answer + 1] = '0'
  end
end
return answer
`

/**
 * KEYS: the epoch, then one a charge. ARGV: the epoch's name, then three a charge: limit, period in ms, amount (below 0: given back).
 * Gives: -1 where the epoch is another or still settles; else 0, then the reset of each.
 */
export const CHARGE: string = `${NOW}${KEEP}${IN_EPOCH}
local answer = { 0 }
for i = 1, #KEYS - 1 do
  local key, at = KEYS[i + 1], (i - 1) * 3 + 1
  local limit, period, amount = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  local full = math.max(tonumber(redis.call('GET', key) or '0'), now) + amount * period / limit
  put(key, full)
  answer[#answer + 1] = tostring(math.max(0, full - now))
end
return answer
`

/** KEYS: one a place. ARGV: two a place: holder, time to live in ms. Those who have left stay away. */
export const RENEW: string = `${NOW}${KEEP}for i, key in ipairs(KEYS) do
  local at = (i - 1) * 2
  local ttl = tonumber(ARGV[at + 2])
  redis.call('ZADD', key, 'XX', now + ttl, ARGV[at + 1])
  keep(key, ttl)
end
return 0
`

/** KEYS: one a place. ARGV: its holder. */
export const RELEASE = `
for i, key in ipairs(KEYS) do redis.call('ZREM', key, ARGV[i]) end
return 0
`
