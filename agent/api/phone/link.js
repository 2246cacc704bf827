// link.js: the phone's side of the line: its session, what waits to be sent, what the home tells.
// Everything that must outlive the page is in localStorage; nothing of it is ever sent elsewhere.

const PREFIX = 'nestsync.';
const QUEUE_MOST = 500;
const EARLY_MS = 5 * 60 * 1000;   // a token is renewed this long before its end
const WAITS_MS = [1000, 2000, 4000, 8000, 15000];
const FOR_LATER = new Set(['RATE_LIMITED', 'TIMEOUT', 'INTERNAL']);

export function recall(key, otherwise = null) {
  try { return JSON.parse(localStorage.getItem(PREFIX + key)) ?? otherwise; } catch { return otherwise; }
}
export function keep(key, value) {
  if (value === null) localStorage.removeItem(PREFIX + key);
  else localStorage.setItem(PREFIX + key, JSON.stringify(value));
}

export class Offline extends Error {}                       // nobody answered, or not now
export class SignedOut extends Error {}                     // pair again

const told = { change: () => {}, state: () => {}, queue: () => {}, signedOut: () => {}, sent: () => {} };
export function listen(handlers) { Object.assign(told, handlers); }

let language = 'en';
export function speak(chosen) { language = chosen; }

// ---- one request ----

async function post(body, token) {
  let answer;
  try {
    answer = await fetch('/graphql', {
      method: 'POST', credentials: 'omit', cache: 'no-store', body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', 'accept-language': language, ...(token ? { authorization: `Bearer ${token}` } : {}) },
    });
  } catch { throw new Offline('no answer'); }
  if (answer.status === 429 || answer.status >= 500) {
    const later = new Offline(`status ${answer.status}`);
    later.after = Number(answer.headers.get('retry-after')) * 1000 || 0;
    throw later;
  }
  try { return await answer.json(); } catch { throw new Offline('no JSON'); }
}

const code = (answer) => answer.errors?.[0]?.extensions?.code;

// ---- the session ----

export function session() { return recall('session'); }

function claims(token) {
  const middle = token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/');
  return JSON.parse(atob(middle));
}

// How far this phone's clock is ahead of the home's, as the token was made just now.
export function now() { return Date.now() - (session()?.ahead ?? 0); }

function take(given) {
  const { iat } = claims(given.accessToken);
  const ahead = Date.now() - iat * 1000;
  keep('session', { access: given.accessToken, refresh: given.refreshToken, until: (iat + given.expiresIn) * 1000,
                    ahead: Math.abs(ahead) > 60000 ? ahead : 0 });
  renewLater();
}

const SESSION = '{ success error message session { accessToken refreshToken expiresIn } }';

export async function pair(code, name, platform) {
  const answer = await post({ query: `mutation ($i: PairDeviceInput!) { pairDevice(input: $i) ${SESSION} }`,
                              variables: { i: { code, deviceName: name, platform } } });
  const got = answer.data?.pairDevice;
  if (!got?.success) return got?.error ?? answer.errors?.[0]?.message ?? '?';
  take(got.session);
  return null;
}

// One page at a time renews: a token that is used twice throws the phone out.
function alone(name, act) {
  return navigator.locks ? navigator.locks.request(PREFIX + name, act) : act();
}

function renew(stale) {
  return alone('renew', async () => {
    const mine = session();
    if (!mine) throw new SignedOut();
    if (mine.access !== stale) return;
    const answer = await post({ query: `mutation ($t: String!) { refreshToken(refreshToken: $t) ${SESSION} }`, variables: { t: mine.refresh } });
    const got = answer.data?.refreshToken;
    if (got?.success) return take(got.session);
    if (!got && FOR_LATER.has(code(answer))) throw new Offline(code(answer));
    leave();
    throw new SignedOut();
  });
}

let renewal;
function renewLater() {
  clearTimeout(renewal);
  const mine = session();
  if (!mine) return;
  renewal = setTimeout(() => renew(mine.access).then(connect, () => {}), Math.max(1000, mine.until - EARLY_MS - now()));
}

// The home no longer knows this phone. What waits to be sent waits for the next pairing.
function leave(own = false) {
  keep('session', null);
  hangUp();
  told.signedOut(own);
}

export async function signOut() {
  const mine = session();
  if (mine) await post({ query: 'mutation { signOut { success } }' }, mine.access).catch(() => {});
  for (const key of ['queue', 'refused', 'seen', 'child']) keep(key, null);
  leave(true);
}

export async function ask(query, variables) {
  for (let turn = 0; ; turn++) {
    const mine = session();
    if (!mine) throw new SignedOut();
    const answer = await post({ query, variables }, mine.access);
    if (code(answer) !== 'UNAUTHENTICATED') return answer;
    if (turn > 0) { leave(); throw new SignedOut(); }
    await renew(mine.access);
  }
}

// ---- what waits to be sent ----

export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}

export const queue = () => recall('queue', []);
export const refused = () => recall('refused', []);
export function clearRefused() { keep('refused', null); told.queue(); }

// Kept first, then sent: a press counts even if the battery dies with it. false: no room is left.
export function send(entry) {
  const list = queue();
  if (list.length >= QUEUE_MOST) return false;
  list.push(entry);
  keep('queue', list);
  told.queue();
  flush();
  return true;
}

// true: it had not left yet and never will.
export function takeBack(id) {
  const list = queue();
  const left = list.filter((e) => e.id !== id || e.sending);
  if (left.length === list.length) return false;
  keep('queue', left);
  told.queue();
  return true;
}

function drop(id) { keep('queue', queue().filter((e) => e.id !== id)); }
function mark(id, sending) { keep('queue', queue().map((e) => (e.id === id ? { ...e, sending } : e))); }

// The same id under every try: what the home did already it does not do again.
async function sendOne(entry) {
  mark(entry.id, true);
  const answer = await ask(entry.query, { ...entry.variables, m: entry.id });
  if (FOR_LATER.has(code(answer))) throw new Offline(code(answer));
  const result = answer.data && Object.values(answer.data)[0];
  drop(entry.id);
  if (result?.success) {
    told.sent(entry, result);
  } else {
    const why = result?.error ?? result?.message ?? answer.errors?.[0]?.message ?? '?';
    keep('refused', [...refused(), { what: entry.what, why }].slice(-20));
  }
  told.queue();
}

let flushing = false;
let tries = 0;
let retry;
export async function flush() {
  if (flushing || !session()) return;
  flushing = true;
  clearTimeout(retry);
  try {
    await alone('send', async () => {
      for (let next; (next = queue()[0]) !== undefined; tries = 0) await sendOne(next);
    });
  } catch (error) {
    if (error instanceof Offline) retry = setTimeout(flush, Math.max(error.after ?? 0, WAITS_MS[Math.min(tries++, 4)]));
    else if (!(error instanceof SignedOut)) throw error;
  } finally {
    const first = queue()[0];
    if (first?.sending) mark(first.id, false);
    flushing = false;
    told.queue();
  }
}

// ---- what the home tells ----

let socket = null;
let losses = 0;
let reconnect;
export let online = false;

function state(is) { if (online !== is) { online = is; told.state(is); } }

function hangUp() {
  clearTimeout(reconnect);
  clearTimeout(renewal);
  const old = socket;
  socket = null;
  old?.close(1000);
  state(false);
}

export function connect() {
  const mine = session();
  if (!mine) return;
  clearTimeout(reconnect);
  const old = socket;
  const ws = new WebSocket(`wss://${location.host}/graphql`, 'graphql-transport-ws');
  socket = ws;
  old?.close(1000);
  ws.onopen = () => ws.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${mine.access}` } }));
  ws.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === 'ping') ws.send('{"type":"pong"}');
    if (message.type === 'connection_ack') {
      losses = 0;
      ws.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: 'subscription { householdChanges { kind childId } }' } }));
      state(true);
      told.change();     // what happened while nobody listened
      flush();
    }
    if (message.type === 'next') told.change();
  };
  ws.onclose = ({ code: why }) => {
    if (socket !== ws) return;
    socket = null;
    state(false);
    const again = () => { reconnect = setTimeout(connect, WAITS_MS[Math.min(losses++, 4)]); };
    const first = losses === 0; // a token that ended is no loss of the way
    if (why === 4401) renew(mine.access).then(() => { losses++; if (first) connect(); else again(); }, (error) => { if (error instanceof Offline) again(); });
    else again();
  };
}

// At once, when the phone says that there is a way again or somebody looks at it.
export function wake() {
  if (!session()) return;
  if (!socket) { losses = 0; connect(); }
  flush();
}

export function begin() {
  for (const entry of queue()) if (entry.sending) mark(entry.id, false); // the page ended in the middle
  renewLater();
  connect();
  addEventListener('online', wake);
  addEventListener('visibilitychange', () => { if (document.visibilityState === 'visible') wake(); });
}
