// phone.js: what the page shows and does: five places, one hand, two languages.
import * as link from './link.js';
import { WORDS } from './words.js';

const DIAPERS = new Set(['DIAPER_CHANGE', 'OVERNIGHT_CHANGE', 'ACCIDENT_CLEANUP', 'PREVENTIVE_CHANGE']);
const SIZES = ['NEWBORN', 'SIZE_1', 'SIZE_2', 'SIZE_3', 'SIZE_4', 'SIZE_5', 'SIZE_6', 'SIZE_7'];
const MINUTE = 60000;
const DAY = 24 * 60 * MINUTE;

const LOG = `mutation ($i: LogDiaperChangeInput!, $m: String) { logDiaperChange(input: $i, clientMutationId: $m) { success message error actionId } }`;
const UNDO = `mutation ($a: ID, $m: String) { undo(actionId: $a, clientMutationId: $m) { success message error } }`;
const ADD = `mutation ($i: CreateInventoryItemInput!, $m: String) { createInventoryItem(input: $i, clientMutationId: $m) { success message error } }`;
const COUNT = `mutation ($id: ID!, $i: UpdateInventoryItemInput!, $m: String) { updateInventoryItem(inventoryItemId: $id, input: $i, clientMutationId: $m) { success message error } }`;
const HOME = `{ household { timezone demo } myChildren(first: 50) { edges { node { id name currentDiaperSize } } } }`;
// What is shown of a child, each under the right it needs: who lacks one still sees the others.
const PARTS = [
  'getDashboardStats(childId: $id) { diapersLeft lastChange todayChanges }',
  'getUsageLogs(childId: $id, daysBack: 14, limit: 20) { edges { node { usageType loggedAt wasWet wasSoiled } } }',
  `getConsumptionPredictions(childId: $id, limit: 1) { items { currentConsumptionRate predictedRunoutDate runoutEarliestDate runoutLatestDate
     recommendedReorderDate packsToBuy packPieces sizeChangeProbability predictedNewSize sizeChangeEstimatedDate predictionHorizonDays } }`,
  'supplyOutlook(childId: $id) { productType left runoutDate runoutEarliestDate runoutLatestDate reorderDate }',
  'getInventoryItems(childId: $id, limit: 500) { edges { node { id productType brand productName size quantityRemaining quantityTotal isExpired expiryDate } } }',
];

// ---- words ----

let language = link.recall('language') ?? (navigator.languages?.some((l) => /^fr/i.test(l)) && !/^en/i.test(navigator.language) ? 'fr' : 'en');
const t = (key, ...args) => (WORDS[language][key] ?? key).replace(/\{(\d)\}/g, (_, n) => args[n] ?? '');
const locale = () => `${language}-CA`;
const count = (key, n, ...more) => t(`${key}_${(language === 'fr' ? n < 2 : n === 1) ? 'one' : 'other'}`, n, ...more);
const sizeName = (size) => {
  const n = /(\d)/.exec(size ?? '')?.[1];
  return n ? t('size_n', n) : /new/i.test(size ?? '') ? t('size_newborn') : size ?? '';
};
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const clock = (ms) => new Intl.DateTimeFormat(locale(), { hour: 'numeric', minute: '2-digit' }).format(ms);
// A whole day has no zone: it is read as noon so that none moves it.
const instant = (text) => (text.length === 10 ? new Date(`${text}T12:00:00Z`) : new Date(text));
const zoneOf = (text) => (text.length === 10 ? 'UTC' : seen?.zone);
const ordinal = (ms, timeZone) => new Intl.DateTimeFormat('en-CA', { timeZone }).format(ms); // 2026-11-25
const isBefore = (text, days) => ordinal(instant(text), zoneOf(text)) <= ordinal(link.now() + days * DAY, seen?.zone);
const day = (text) => (isBefore(text, 0) ? t('today_or_late') : isBefore(text, 1) ? t('tomorrow') : new Intl.DateTimeFormat(locale(), { weekday: 'short', day: 'numeric', month: 'short', timeZone: zoneOf(text) }).format(instant(text)));
// Two days in a few letters: a range within a year shares what it can, one across New Year names no year.
function range(from, to) {
  if (!from || !to) return null;
  const short = new Intl.DateTimeFormat(locale(), { day: 'numeric', month: 'short', timeZone: zoneOf(from) });
  return from.slice(0, 4) === to.slice(0, 4) ? short.formatRange(instant(from), instant(to)) : `${short.format(instant(from))} – ${short.format(instant(to))}`;
}

function ago(ms) {
  const minutes = Math.max(0, Math.round((link.now() - ms) / MINUTE));
  if (minutes < 1) return t('just_now');
  if (minutes < 60) return t('minutes_ago', minutes);
  if (minutes < 24 * 60) return minutes % 60 ? t('hours_minutes_ago', Math.floor(minutes / 60), minutes % 60) : t('hours_ago', minutes / 60);
  return count('days_ago', Math.floor(minutes / (24 * 60)));
}

function kindOf(wet, soiled) { return wet && soiled ? t('kind_both') : wet ? t('kind_wet') : soiled ? t('kind_dirty') : t('kind_dry'); }

// ---- making elements; what comes from the home is text, never markup ----

function el(name, attributes = {}, ...inside) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (value === true) node.setAttribute(key, '');
    else if (value !== false && value != null) node.setAttribute(key, value);
  }
  node.append(...inside.flat(Infinity).filter((i) => i != null && i !== false));
  return node;
}
function drop(path) {
  const ns = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(ns, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS(ns, 'path');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}
const pairs = (...rows) => el('dl', {}, rows.filter(Boolean).map(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]));
const $ = (id) => document.getElementById(id);

let quiet;
function say(text, bad = false) {
  clearTimeout(quiet);
  $('said').textContent = text;
  quiet = setTimeout(() => { $('said').textContent = ''; }, bad ? 10000 : 4000);
}

// ---- what the home said last ----

let seen = link.recall('seen');
let reading = false;
let readAgain = false;

async function childParts(id) {
  const all = await link.ask(`query ($id: ID!) { ${PARTS.join(' ')} }`, { id });
  if (all.data) return all.data;
  const one = await Promise.all(PARTS.map((part) => link.ask(`query ($id: ID!) { ${part} }`, { id })));
  return Object.assign({}, ...one.map((a) => a.data).filter(Boolean));
}

function childOf(node, got) {
  const last = got.getUsageLogs?.edges.map((e) => e.node).find((l) => DIAPERS.has(l.usageType));
  return {
    id: node.id, name: node.name, size: node.currentDiaperSize,
    left: got.getDashboardStats?.diapersLeft ?? null, today: got.getDashboardStats?.todayChanges ?? null,
    lastText: got.getDashboardStats?.lastChange ?? null, last: last && { at: Date.parse(last.loggedAt), wet: last.wasWet, soiled: last.wasSoiled },
    outlook: got.getConsumptionPredictions?.items[0] ?? null, supplies: got.supplyOutlook ?? [],
    items: got.getInventoryItems?.edges.map((e) => e.node) ?? null,
  };
}

// Several changes in a row are one reading.
async function refresh() {
  if (reading) { readAgain = true; return; }
  reading = true;
  try {
    do {
      readAgain = false;
      const home = await link.ask(HOME);
      const nodes = home.data?.myChildren?.edges.map((e) => e.node) ?? [];
      const children = await Promise.all(nodes.map(async (node) => childOf(node, await childParts(node.id))));
      seen = { at: link.now(), zone: home.data?.household?.timezone, demo: home.data?.household?.demo, children };
      link.keep('seen', seen);
    } while (readAgain);
    paint();
  } catch (error) {
    if (!(error instanceof link.Offline) && !(error instanceof link.SignedOut)) throw error;
    paintLine();
  } finally { reading = false; }
}

// What was pressed and has not arrived yet counts on the screen already.
function withQueue(child) {
  const waiting = link.queue().filter((e) => e.child === child.id && e.log);
  const newest = waiting.reduce((a, e) => (!a || e.log.at > a.at ? e.log : a), null);
  const last = newest && (!child.last || newest.at > child.last.at) ? newest : child.last;
  return { ...child, last, waiting: waiting.length, left: child.left == null ? null : Math.max(0, child.left - waiting.length) };
}
const children = () => (seen?.children ?? []).map(withQueue);

// ---- places ----

function runout(child) {
  const p = child.outlook;
  if (!p) return [t('runs_out'), t('too_early')];
  if (child.left === 0) return [t('runs_out'), t('none_left')];
  if (!p.predictedRunoutDate) return [t('runs_out'), t('beyond', p.predictionHorizonDays)];
  const between = range(p.runoutEarliestDate, p.runoutLatestDate);
  return [t('runs_out'), [el('strong', {}, day(p.predictedRunoutDate)), between && ' ', between && el('span', { class: 'soft small whole' }, between)]];
}

function lastLine(child) {
  if (child.last) return `${capital(ago(child.last.at))} · ${kindOf(child.last.wet, child.last.soiled)} · ${clock(child.last.at)}`;
  return child.lastText ?? t('no_change_yet');
}

function home() {
  const list = children();
  if (seen && list.length === 0) return [el('p', { class: 'card' }, t('no_children'))];
  return list.map((child) => el('section', { class: 'card', 'aria-labelledby': `c-${child.id}` },
    el('div', { class: 'head' }, el('h2', { id: `c-${child.id}` }, child.name), el('span', {}, capital(sizeName(child.size)))),
    el('p', { class: 'big' }, lastLine(child)),
    child.waiting > 0 && el('p', { class: 'soft small' }, count('waiting', child.waiting)),
    pairs(child.today != null && [t('today'), count('changes', child.today + child.waiting)],
          child.left != null && [t('in_stock'), count('diapers', child.left)],
          runout(child),
          child.outlook?.recommendedReorderDate && [t('order_by'), el('span', { class: isBefore(child.outlook.recommendedReorderDate, 0) ? 'urgent' : null }, day(child.outlook.recommendedReorderDate))])));
}

let chosen = link.recall('child');
let minutesBack = 0;
let lastLog = null;

function childChooser() {
  const list = children();
  if (!list.some((c) => c.id === chosen)) chosen = list[0]?.id;
  if (list.length < 2) return null;
  return el('fieldset', {}, el('legend', {}, t('who')), el('div', { class: 'chips' }, list.map((c) =>
    el('label', {}, el('input', { type: 'radio', name: 'child', value: c.id, checked: c.id === chosen, onchange: () => { chosen = c.id; link.keep('child', c.id); if (place() !== 'log') paint(); } }),
       el('span', {}, c.name)))));
}

function localNow() {
  const d = new Date(link.now());
  return new Date(d - d.getTimezoneOffset() * MINUTE).toISOString().slice(0, 16);
}

function logAt() {
  if (minutesBack !== 'other') return link.now() - minutesBack * MINUTE;
  const at = new Date($('when').value).getTime();
  return Number.isNaN(at) ? null : Math.min(at, link.now());
}

function log(wet, soiled) {
  const child = children().find((c) => c.id === chosen);
  const at = logAt();
  if (!child) return;
  if (at === null) { say(t('which_time'), true); $('when').focus(); return; }
  const entry = {
    id: link.newId(), child: child.id, log: { at, wet, soiled }, query: LOG,
    variables: { i: { childId: child.id, usageType: 'DIAPER_CHANGE', wasWet: wet, wasSoiled: soiled, loggedAt: new Date(at).toISOString() } },
    what: t('logged', child.name, kindOf(wet, soiled), clock(at)),
  };
  if (!link.send(entry)) { say(t('queue_full'), true); return; }
  lastLog = { id: entry.id, what: entry.what, action: null };
  navigator.vibrate?.(20);
  say(entry.what);
  minutesBack = 0;
  paint();
  $('undo')?.focus();
}

function undo() {
  if (!lastLog) return;
  if (link.takeBack(lastLog.id)) say(t('undone'));
  else if (lastLog.action) { link.send({ id: link.newId(), query: UNDO, variables: { a: lastLog.action }, what: t('undone') }); say(t('undone')); }
  else { say(t('undo_soon')); return; }
  lastLog = null;
  paint();
}

const THUMBS = [
  ['wet', true, false, 'M12 4c3.5 4.2 6 7 6 10a6 6 0 0 1-12 0c0-3 2.5-5.8 6-10z'],
  ['dirty', false, true, 'M6 18h12a2.5 2.5 0 0 0 0-5h-.6a2.4 2.4 0 0 0-2-3.8H15c.3-2-1-3.4-2.6-4.2.2 2.6-3.4 2.6-3.4 5H8.6a2 2 0 0 0-2 3.3H6A2.4 2.4 0 0 0 6 18z'],
  ['both', true, true, 'M8.5 5c2.4 3 4 5 4 7a4 4 0 0 1-8 0c0-2 1.600-4 4-7zM11 19h7a2 2 0 0 0 .4-4 2.200 2.200 0 0 0-2-3.200'],
];

function logPlace() {
  if (children().length === 0) return [el('p', { class: 'card' }, t(seen ? 'no_children' : 'reading'))];
  const times = [[0, t('now')], [5, t('minutes_ago', 5)], [15, t('minutes_ago', 15)], [30, t('minutes_ago', 30)], [60, t('hours_ago', 1)], ['other', t('other_time')]];
  return [el('div', { class: 'log' },
    childChooser(),
    el('fieldset', {}, el('legend', {}, t('when')), el('div', { class: 'chips' }, times.map(([value, text]) =>
      el('label', {}, el('input', { type: 'radio', name: 'time', value, checked: value === minutesBack, onchange: () => { minutesBack = value; $('other').hidden = value !== 'other'; if (value === 'other') $('when').focus(); } }),
         el('span', {}, text))))),
    el('div', { id: 'other', hidden: minutesBack !== 'other' }, el('label', { for: 'when' }, t('which_time')), el('input', { id: 'when', type: 'datetime-local', value: localNow(), max: localNow() })),
    lastLog && el('div', { class: 'card last done' }, el('span', {}, lastLog.what), el('button', { id: 'undo', type: 'button', onclick: undo }, t('undo'))),
    el('div', { class: 'thumb' }, THUMBS.map(([kind, wet, soiled, path]) =>
      el('button', { type: 'button', class: kind, 'data-kind': kind, onclick: () => log(wet, soiled) }, drop(path), capital(t(`kind_${kind}`))))))];
}

function stockPlace() {
  const child = children().find((c) => c.id === chosen) ?? children()[0];
  const chooser = childChooser();
  if (!child) return [el('p', { class: 'card' }, t(seen ? 'no_children' : 'reading'))];
  if (!child.items) return [chooser, el('p', { class: 'card' }, t('not_for_you'))];
  const there = child.items.filter((i) => i.quantityRemaining > 0);
  return [chooser,
    el('section', { class: 'card', 'aria-labelledby': 'shelf' },
      el('div', { class: 'head' }, el('h2', { id: 'shelf' }, t('shelf_of', child.name)), child.left != null && el('span', {}, count('diapers', child.left))),
      there.length === 0 ? el('p', { class: 'soft' }, t('shelf_empty'))
        : el('ul', { class: 'plain' }, there.map((item) => el('li', {},
          el('span', {}, [item.brand, item.productName].filter(Boolean).join(' ') || t(`product_${item.productType.toLowerCase()}`), el('br'),
             el('span', { class: 'soft small' }, [t(`product_${item.productType.toLowerCase()}`), item.productType === 'DIAPER' && sizeName(item.size)].filter(Boolean).join(' · ')),
             item.isExpired && el('span', { class: 'bad small' }, ` ${t('expired')}`)),
          el('span', { class: 'right' }, t('left_of', item.quantityRemaining, item.quantityTotal), el('br'),
             el('button', { class: 'link small flush', type: 'button', 'aria-label': t('recount_what', item.brand || t(`product_${item.productType.toLowerCase()}`)), onclick: (e) => recount(item, e.target) }, t('recount'))))))),
    el('section', { class: 'card', 'aria-labelledby': 'pack' }, el('h2', { id: 'pack' }, t('add_pack')), addForm(child))];
}

function recount(item, button) {
  const row = button.closest('li');
  if (row.querySelector('form')) return;
  const number = el('input', { type: 'number', inputmode: 'numeric', min: 0, max: item.quantityTotal, value: item.quantityRemaining, required: true, 'aria-label': t('how_many_left') });
  row.append(el('form', { onsubmit: (e) => {
    e.preventDefault();
    link.send({ id: link.newId(), query: COUNT, variables: { id: item.id, i: { quantityRemaining: Number(number.value) } }, what: t('recounted', number.value) });
    say(t('recounted', number.value));
    row.querySelector('form').remove();
    button.focus();
  } }, number, el('button', { type: 'submit' }, t('save'))));
  touched = row.querySelector('form');
  number.select();
}

function addForm(child) {
  const field = (id, name, input) => el('div', {}, el('label', { for: id }, t(name)), Object.assign(input, { id }));
  const kind = el('select', {}, ['DIAPER', 'WIPES', 'DIAPER_CREAM'].map((k) => el('option', { value: k }, t(`product_${k.toLowerCase()}`))));
  const size = el('select', {}, SIZES.map((s) => el('option', { value: s, selected: s === child.size }, capital(sizeName(s)))));
  const brand = el('input', { autocomplete: 'off', maxlength: 60 });
  const pieces = el('input', { type: 'number', inputmode: 'numeric', min: 1, max: 2000, required: true });
  return el('form', { onsubmit: (e) => {
    e.preventDefault();
    const what = t('added', pieces.value, t(`product_${kind.value.toLowerCase()}`));
    link.send({ id: link.newId(), query: ADD, what, variables: { i: { childId: child.id, productType: kind.value, brand: brand.value.trim(), size: size.value,
                                                                    quantityTotal: Number(pieces.value), purchaseDate: new Date(link.now()).toISOString() } } });
    say(what);
    e.target.reset();
  } }, field('kind', 'what', kind), field('size', 'size', size), field('brand', 'brand', brand), field('pieces', 'pieces', pieces), el('button', { id: 'add', type: 'submit', class: 'main' }, t('add')));
}

function nextOf(child) {
  const p = child.outlook;
  const list = [];
  if (p?.recommendedReorderDate && p.predictedRunoutDate) list.push([p.recommendedReorderDate, t('next_order'), p.packsToBuy ? count('packs', p.packsToBuy, p.packPieces) : null]);
  if (p?.predictedRunoutDate) list.push([p.predictedRunoutDate, t('next_runout'), range(p.runoutEarliestDate, p.runoutLatestDate)]);
  if (p?.sizeChangeEstimatedDate && Number(p.sizeChangeProbability) > 0.1) list.push([p.sizeChangeEstimatedDate, t('next_size', sizeName(p.predictedNewSize)), t('chance', Math.round(Number(p.sizeChangeProbability) * 100))]);
  for (const s of child.supplies) {
    const name = t(`product_${s.productType.toLowerCase()}`);
    if (s.runoutDate) list.push([s.runoutDate, t('next_supply', name), range(s.runoutEarliestDate, s.runoutLatestDate)]);
  }
  return list.sort((a, b) => instant(a[0]) - instant(b[0]));
}

function next() {
  const list = children();
  if (list.length === 0) return [el('p', { class: 'card' }, t(seen ? 'no_children' : 'reading'))];
  return list.map((child) => {
    const coming = nextOf(child);
    const rate = child.outlook?.currentConsumptionRate;
    return el('section', { class: 'card', 'aria-labelledby': `n-${child.id}` },
      el('div', { class: 'head' }, el('h2', { id: `n-${child.id}` }, child.name), rate && el('span', {}, t('per_day', Number(rate).toLocaleString(locale(), { maximumFractionDigits: 1 })))),
      coming.length === 0 ? el('p', { class: 'soft' }, child.outlook ? t('beyond', child.outlook.predictionHorizonDays) : t('too_early'))
        : el('ul', { class: 'plain' }, coming.map(([at, what, more]) => el('li', {}, el('span', {}, what, more && [el('br'), el('span', { class: 'soft small' }, more)]),
            el('span', { class: isBefore(at, 1) ? 'right urgent' : 'right' }, day(at))))));
  });
}

function choice(name, value, options, change) {
  return el('fieldset', {}, el('legend', {}, t(name)), el('div', { class: 'chips' }, options.map(([v, text]) =>
    el('label', {}, el('input', { type: 'radio', name, value: v, checked: v === value, onchange: () => change(v) }), el('span', { lang: name === 'language' ? v : null }, text)))));
}

function settings() {
  return [choice('language', language, [['en', 'English'], ['fr', 'Français']], (v) => { language = v; link.keep('language', v); words(); paint(); refresh(); }),
          choice('theme', link.recall('theme', 'auto'), ['auto', 'light', 'dark'].map((v) => [v, t(`theme_${v}`)]), (v) => { link.keep('theme', v === 'auto' ? null : v); theme(); })];
}

function more() {
  const refused = link.refused();
  return [
    refused.length > 0 && el('section', { class: 'card', 'aria-labelledby': 'refused' }, el('h2', { id: 'refused' }, t('refused')),
      el('ul', { class: 'plain' }, refused.map((r) => el('li', {}, el('span', {}, r.what, el('br'), el('span', { class: 'bad small' }, r.why))))),
      el('button', { type: 'button', onclick: () => { link.clearRefused(); paint(); } }, t('understood'))),
    el('section', { class: 'card stack' }, settings()),
    el('section', { class: 'card stack', 'aria-labelledby': 'trust' }, el('h2', { id: 'trust' }, t('trust')), el('p', { class: 'soft' }, t('trust_why')),
      el('p', {}, t('trust_iphone')), el('a', { class: 'button', href: '/trust.mobileconfig' }, 'iPhone, iPad'),
      el('p', {}, t('trust_android')), el('a', { class: 'button', href: '/trust.crt' }, 'Android'), el('p', { class: 'soft small' }, t('trust_only_home'))),
    el('section', { class: 'card stack', 'aria-labelledby': 'leave' }, el('h2', { id: 'leave' }, t('this_phone')),
      el('p', { class: 'soft' }, t('leave_what')),
      el('button', { type: 'button', onclick: async () => {
        const n = link.queue().length;
        if (n > 0 && !confirm(count('leave_queue', n))) return;
        await link.signOut();
      } }, t('leave'))),
  ];
}

let thrownOut = false;

function pairing(code) {
  const input = el('input', { id: 'code', class: 'code', inputmode: 'numeric', autocomplete: 'one-time-code', pattern: '[0-9 ]*', maxlength: 9, required: true, value: code ?? '', 'aria-describedby': 'how' });
  const name = el('input', { id: 'name', maxlength: 40, required: true, autocomplete: 'off', value: /iPhone|iPad/.test(navigator.userAgent) ? 'iPhone' : /Android/.test(navigator.userAgent) ? 'Android' : t('phone') });
  const wrong = el('p', { class: 'bad', role: 'alert' });
  const button = el('button', { class: 'main', type: 'submit' }, t('pair'));
  return [thrownOut && el('p', { class: 'warn-box', role: 'alert' }, t('signed_out')), el('form', { class: 'card', onsubmit: async (e) => {
    e.preventDefault();
    button.disabled = true;
    wrong.textContent = '';
    try {
      const why = await link.pair(input.value.replace(/\D/g, ''), name.value.trim(), /iPhone|iPad/.test(navigator.userAgent) ? 'ios' : /Android/.test(navigator.userAgent) ? 'android' : 'web');
      if (why === null) { location.hash = '#home'; start(); return; }
      wrong.textContent = why;
      input.select();
    } catch (error) {
      wrong.textContent = error instanceof link.Offline ? t('no_way') : String(error);
    } finally { button.disabled = false; }
  } }, el('p', { id: 'how' }, t('pair_how')), el('div', {}, el('label', { for: 'code' }, t('code')), input),
     el('div', {}, el('label', { for: 'name' }, t('phone_name')), name), wrong, button),
  el('section', { class: 'card stack' }, settings())];
}

// ---- painting ----

const PLACES = { home, log: logPlace, stock: stockPlace, next, more };
const place = () => (PLACES[location.hash.slice(1)] ? location.hash.slice(1) : 'home');
let codeGiven = null;

// A moment without a line is not worth a word.
let lostAt = Date.now();
const away = () => link.session() && !link.online && Date.now() - lostAt >= 3000;

function paintLine() {
  const waiting = link.queue().length;
  const parts = [];
  if (away()) parts.push(seen ? t('offline_since', clock(seen.at)) : t('no_way'));
  if (waiting > 0) parts.push(count('waiting', waiting));
  if (link.refused().length > 0) parts.push(t('some_refused'));
  if (seen?.demo) parts.push(t('practice'));
  const text = parts.join(' · ');
  if ($('line').textContent !== text) $('line').textContent = text;
  $('line').className = away() || (link.session() && link.refused().length > 0) ? 'warn' : '';
}

let touched = null; // the form that somebody is filling in
$('main').addEventListener('input', (e) => { touched = e.target.closest('form'); });
$('main').addEventListener('submit', () => { touched = null; });

// A form that somebody fills in is left alone; the focus stays where it was.
function paint() {
  paintLine();
  if (touched?.isConnected && $('main').dataset.place === place() && link.session()) return;
  touched = null;
  const focus = document.activeElement;
  const again = focus && $('main').contains(focus) && (focus.id ? `#${focus.id}` : focus.name ? `[name="${focus.name}"][value="${focus.value}"]` : focus.dataset.kind ? `[data-kind="${focus.dataset.kind}"]` : null);
  const when = $('when')?.value;
  $('tabs').hidden = !link.session();
  $('title').textContent = link.session() ? t(`tab_${place()}`) : t('welcome');
  document.title = `${$('title').textContent} · NestSync`;
  $('main').dataset.place = place();
  const inside = !link.session() ? pairing(codeGiven) : seen || place() === 'more' ? PLACES[place()]() : [el('p', { class: 'card' }, t('reading'))];
  const made = el('div', {}, inside);
  if (made.innerHTML !== $('main').innerHTML) { // what looks the same is left under the finger that is on it
    $('main').replaceChildren(...made.childNodes);
    if (when && $('when')) $('when').value = when;
    if (again) $('main').querySelector(again)?.focus();
  } else {
    for (const radio of $('main').querySelectorAll('[type=radio]')) radio.checked = radio.defaultChecked;
  }
  for (const a of $('tabs').children) {
    if (a.hash === `#${place()}`) a.setAttribute('aria-current', 'page');
    else a.removeAttribute('aria-current');
  }
}

function words() {
  document.documentElement.lang = locale();
  link.speak(locale());
  for (const node of document.querySelectorAll('[data-t]')) node.textContent = t(node.dataset.t);
  for (const node of document.querySelectorAll('[data-label]')) node.setAttribute('aria-label', t(node.dataset.label));
}

function theme() {
  const is = link.recall('theme');
  if (is) document.documentElement.dataset.theme = is;
  else delete document.documentElement.dataset.theme;
}

function readHash() {
  const code = /^#pair=(\d{8})$/.exec(location.hash)?.[1];
  if (!code) return;
  codeGiven = code;
  history.replaceState(null, '', '/'); // not in the history, not over a shoulder
}

addEventListener('hashchange', () => {
  readHash();
  if (location.hash === '#main') { $('main').focus(); return; }
  say('');
  lastLog = null;
  paint();
  $('title').focus();
  scrollTo(0, 0);
});

function start() {
  lostAt = Date.now();
  setTimeout(paintLine, 3000);
  thrownOut = false;
  link.begin();
  paint();
  $('title').focus();
  refresh();
}

link.listen({
  change: refresh,
  state: (is) => {
    if (!is) { lostAt = Date.now(); setTimeout(paintLine, 3000); }
    paintLine();
  },
  queue: () => { paintLine(); if (place() === 'home' || place() === 'more') paint(); },
  sent: (entry, result) => {
    if (lastLog?.id === entry.id) lastLog.action = result.actionId;
    const child = entry.log && seen?.children.find((c) => c.id === entry.child);
    if (child) { // until it has been read anew
      if (!child.last || entry.log.at > child.last.at) child.last = entry.log;
      if (child.left > 0) child.left--;
    }
    if (result.message && entry.log) say(result.message);
    refresh();
  },
  signedOut: (own) => {
    seen = link.recall('seen');
    thrownOut = !own;
    history.replaceState(null, '', '/');
    say('');
    paint();
    $('title').focus();
  },
});
setInterval(() => { if (document.visibilityState === 'visible' && link.session() && place() === 'home') paint(); }, 30000);

theme();
words();
readHash();
if (link.session()) start();
else paint();
navigator.serviceWorker?.register('/worker.js').catch(() => {}); // needs a certificate the phone trusts
