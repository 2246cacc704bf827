// differential.mjs JUDGE SCHEMA COUNT SEED: the same random documents to our engine and to
// graphql-js; verdicts and error locations must be equal. Prints TAP, a test a kind of damage.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { buildSchema, parse, validate } from 'graphql';
import { damages, damageTokens, makeDocument, random, render, tokens } from './documents.mjs';

const [judge, schemaFile, count, seed] = process.argv.slice(2);
const schema = buildSchema(readFileSync(schemaFile, 'utf8'));
const kinds = [...Object.keys(damages), 'Several', 'Valid', 'Syntax'];

function makeCase(n) {
  const r = random(Number(seed) * 1000003 + n);
  let kind = kinds[n % kinds.length];
  const doc = makeDocument(schema, r);
  if (damages[kind] && damages[kind](doc, r, schema) === false) kind = 'Valid';
  for (let i = 0; kind === 'Several' && i < 3; i++) damages[r.pick(Object.keys(damages))](doc, r, schema);
  const list = tokens(doc);
  if (kind === 'Syntax') damageTokens(list, r);
  return { kind, text: render(list, r) };
}

const places = (errors) => errors.map((e) => (e.locations ?? []).map((l) => `${l.line}:${l.column}`).join(' ')).sort();

function oracle(text) {
  let doc;
  try {
    doc = parse(text);
  } catch (e) {
    return [e];
  }
  try {
    return validate(schema, doc, undefined, { maxErrors: 1000 });
  } catch {
    return null; // graphql-js itself gives up on a condition of a wrong kind at a subscription's root
  }
}

const cases = Array.from({ length: Number(count) }, (_, n) => makeCase(n));
const run = spawnSync(judge, [schemaFile], { input: cases.map((c) => JSON.stringify(c.text)).join('\n') + '\n',
  encoding: 'utf8', maxBuffer: 1 << 30, stdio: ['pipe', 'pipe', 'inherit'] });
if (run.status !== 0) throw new Error(`judge ended with ${run.status ?? run.signal}`);
const answers = run.stdout.trimEnd().split('\n');

const tally = new Map(kinds.map((k) => [k, { n: 0, refused: 0, wrong: [], words: 0 }]));
cases.forEach((c, i) => {
  const t = tally.get(c.kind);
  const theirs = oracle(c.text);
  if (theirs === null) return;
  const ours = JSON.parse(answers[i]).errors ?? [];
  t.n++;
  t.refused += theirs.length > 0 ? 1 : 0;
  const a = places(ours), b = places(theirs);
  const same = JSON.stringify(a) === JSON.stringify(b);
  if (!same) t.wrong.push({ i, text: c.text, ours, theirs });
  const words = (list) => JSON.stringify(list.map((e) => e.message).sort());
  if (same && words(ours) !== words(theirs)) t.words++;
});

console.log(`1..${kinds.length}`);
kinds.forEach((kind, k) => {
  const t = tally.get(kind);
  // A kind that never refuses anything would prove nothing.
  const proves = kind === 'Valid' ? t.n > 0 : t.refused > 0;
  console.log(`${t.wrong.length === 0 && proves ? 'ok' : 'not ok'} ${k + 1} - ${kind}: ${t.n} documents, ${t.refused} refused, ${t.wrong.length} differ, ${t.words} in other words`);
  for (const w of t.wrong.slice(0, Number(process.env.SHOW ?? 3))) {
    console.log(`# seed ${seed} number ${w.i}: ${JSON.stringify(w.text)}`);
    w.ours.forEach((e) => console.log(`#   ours   ${JSON.stringify(e.locations)} ${e.message}`));
    w.theirs.forEach((e) => console.log(`#   theirs ${JSON.stringify(e.locations)} ${e.message}`));
  }
});
process.exitCode = [...tally.values()].some((t) => t.wrong.length > 0) ? 1 : 0;
