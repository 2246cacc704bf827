// documents.mjs: random GraphQL documents for a schema, valid ones and damaged ones, one kind of
// damage for each validation rule and for the grammar. Same seed, same documents.
import { getNamedType, isEnumType, isInputObjectType, isListType, isNonNullType, isObjectType,
  isScalarType } from 'graphql';

export function random(seed) {
  let a = seed >>> 0;
  const next = () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const r = { below: (n) => Math.floor(next() * n), chance: (p) => next() < p };
  r.pick = (list) => list[r.below(list.length)];
  return r;
}

// ---- valid documents ----

class Maker {
  constructor(schema, r) {
    this.schema = schema;
    this.r = r;
    this.fragments = [];
    this.count = 0;
  }

  literal(type, op, depth = 0) {
    const r = this.r;
    if (isNonNullType(type)) return this.bare(type.ofType, op, depth);
    if (r.chance(0.08)) return { k: 'lit', text: 'null' };
    return this.bare(type, op, depth);
  }

  bare(type, op, depth) {
    const r = this.r;
    if (isListType(type)) {
      if (r.chance(0.2)) return this.literal(type.ofType, op, depth + 1);
      const items = Array.from({ length: r.below(3) }, () => this.literal(type.ofType, op, depth + 1));
      return { k: 'list', items };
    }
    if (isEnumType(type)) return { k: 'lit', text: r.pick(type.getValues()).name, enum: true };
    if (isInputObjectType(type)) {
      const all = Object.values(type.getFields());
      let given = all.filter((f) => (isNonNullType(f.type) && f.defaultValue === undefined) ||
        r.chance(depth > 2 ? 0 : 0.3));
      if (type.isOneOf) given = [r.pick(all)];
      return { k: 'obj', type, fields: given.map((f) => ({
        name: f.name, def: f,
        value: type.isOneOf ? this.bare(f.type, null, depth + 1) : this.value(f.type, op, f.defaultValue, depth + 1) })) };
    }
    switch (type.name) {
      case 'Int': return { k: 'lit', text: String(r.below(2000) - 1000) };
      case 'Float': return { k: 'lit', text: r.pick(['1', '-2.5', '3e2', '0.125', '1E-3']) };
      case 'Boolean': return { k: 'lit', text: r.pick(['true', 'false']) };
      case 'ID': return { k: 'lit', text: r.pick(['"a1"', '7', '"x y"']) };
      default: return { k: 'lit', text: r.pick(['"text"', '"é\\u00e9"', '"tab\\t\\"q\\""', '""',
        '"\\u{1F600}"', '"""block "" \\""" text"""']) };
    }
  }

  value(type, op, hasDefault, depth = 0) {
    if (op && this.r.chance(0.25)) return this.variable(type, op);
    return this.literal(type, op, depth);
  }

  variable(type, op) {
    const found = op.vars.filter((v) => String(v.type) === String(type));
    if (found.length > 0 && this.r.chance(0.6)) return { k: 'var', name: this.r.pick(found).name };
    const v = { name: `v${op.vars.length}`, type, directives: [] };
    if (this.r.chance(0.3)) v.default = this.literal(type, null);
    op.vars.push(v);
    return { k: 'var', name: v.name };
  }

  directives(op, p = 0.1) {
    const out = [];
    for (const name of ['include', 'skip'])
      if (this.r.chance(p)) {
        const type = this.schema.getDirective(name).args[0].type;
        out.push({ name, args: [{ name: 'if', value: this.value(type, op) }] });
      }
    return out;
  }

  field(parent, def, op, depth) {
    const args = def.args.filter((a) => (isNonNullType(a.type) && a.defaultValue === undefined) ||
      this.r.chance(0.4)).map((a) => ({ name: a.name, def: a, value: this.value(a.type, op, a.defaultValue) }));
    const type = getNamedType(def.type);
    return { kind: 'field', name: def.name, alias: this.r.chance(0.3) || args.length > 0 ? `a${this.count++}` : null,
      args, directives: this.directives(op), parent, def,
      sel: isObjectType(type) ? this.selections(type, op, depth + 1) : null };
  }

  selections(type, op, depth) {
    const r = this.r;
    const all = Object.values(type.getFields());
    const leaves = all.filter((f) => !isObjectType(getNamedType(f.type)));
    const from = depth >= 4 && leaves.length > 0 ? leaves : all;
    const out = [];
    const n = 1 + r.below(depth === 0 ? 3 : 4);
    for (let i = 0; i < n; i++) {
      const x = r.below(100);
      if (x < 8) out.push({ kind: 'field', name: '__typename', alias: r.chance(0.3) ? `t${this.count++}` : null,
        args: [], directives: this.directives(op), parent: type, def: null, sel: null });
      else if (x < 18 && depth < 5) out.push({ kind: 'inline', on: r.chance(0.6) ? type.name : null,
        directives: this.directives(op), sel: this.selections(type, op, depth + 1) });
      else if (x < 30 && depth < 5) out.push({ kind: 'spread', name: this.fragment(type, op, depth), directives: this.directives(op) });
      else {
        const def = r.pick(from);
        const f = this.field(type, def, op, depth);
        // The same response name twice must mean the same thing: leave it to the damages.
        if (f.alias === null && out.some((o) => o.kind !== 'field' || o.name === def.name) && f.sel !== null) f.alias = `a${this.count++}`;
        out.push(f);
      }
    }
    return out;
  }

  fragment(type, op, depth) {
    const old = this.fragments.filter((f) => f.on === type.name && f.op === op && f.done);
    if (old.length > 0 && this.r.chance(0.5)) return this.r.pick(old).name;
    const f = { kind: 'frag', name: `F${this.fragments.length}`, on: type.name, directives: [], op, done: false };
    this.fragments.push(f);
    f.sel = this.selections(type, op, depth + 1);
    f.done = true;
    return f.name;
  }

  operation(type, name) {
    const root = { query: this.schema.getQueryType(), mutation: this.schema.getMutationType(),
      subscription: this.schema.getSubscriptionType() }[type];
    const op = { kind: 'op', type, name, vars: [], directives: [], sel: [] };
    if (type === 'subscription') {
      const f = this.field(root, this.r.pick(Object.values(root.getFields())), op, 0);
      f.directives = [];
      op.sel = [f];
    } else op.sel = this.selections(root, op, 0);
    return op;
  }

  document() {
    const r = this.r;
    const n = r.chance(0.8) ? 1 : 2 + r.below(2);
    const types = ['query', 'query', 'query', 'mutation', 'subscription'].filter((t) =>
      t === 'query' || (t === 'mutation' ? this.schema.getMutationType() : this.schema.getSubscriptionType()));
    const defs = [];
    for (let i = 0; i < n; i++) defs.push(this.operation(r.pick(types), n === 1 && r.chance(0.3) ? null : `Op${i}`));
    defs.push(...this.fragments);
    if (r.chance(0.3)) defs.reverse();
    return { defs };
  }
}

export const makeDocument = (schema, r) => new Maker(schema, r).document();

// ---- text ----

function putValue(v, out) {
  if (v.k === 'var') out.push('$', v.name);
  else if (v.k === 'lit') out.push(v.text);
  else if (v.k === 'list') { out.push('['); v.items.forEach((i) => putValue(i, out)); out.push(']'); }
  else {
    out.push('{');
    v.fields.forEach((f) => { out.push(f.name, ':'); putValue(f.value, out); });
    out.push('}');
  }
}
function putArgs(args, out) {
  if (args.length === 0) return;
  out.push('(');
  args.forEach((a) => { out.push(a.name, ':'); putValue(a.value, out); });
  out.push(')');
}
function putDirectives(list, out) {
  list.forEach((d) => { out.push('@', d.name); putArgs(d.args, out); });
}
function putSelections(sel, out) {
  out.push('{');
  for (const s of sel) {
    if (s.kind === 'field') {
      if (s.alias) out.push(s.alias, ':');
      out.push(s.name);
      putArgs(s.args, out);
    } else if (s.kind === 'spread') out.push('...', s.name);
    else { out.push('...'); if (s.on) out.push('on', s.on); }
    putDirectives(s.directives, out);
    if (s.sel) putSelections(s.sel, out);
  }
  out.push('}');
}
const typeTokens = (text) => text.match(/[A-Za-z0-9_]+|[[\]!]/g) ?? [];

export function tokens(doc) {
  const out = [];
  for (const d of doc.defs) {
    if (d.raw) out.push(...d.raw);
    else if (d.kind === 'frag') {
      out.push('fragment', d.name, 'on', d.on);
      putDirectives(d.directives, out);
      putSelections(d.sel, out);
    } else {
      const short = d.type === 'query' && !d.name && d.vars.length === 0 && d.directives.length === 0;
      if (!short) {
        out.push(d.type);
        if (d.name) out.push(d.name);
        if (d.vars.length > 0) {
          out.push('(');
          for (const v of d.vars) {
            out.push('$', v.name, ':', ...typeTokens(String(v.type)));
            if (v.default) { out.push('='); putValue(v.default, out); }
            putDirectives(v.directives, out);
          }
          out.push(')');
        }
        putDirectives(d.directives, out);
      }
      putSelections(d.sel, out);
    }
  }
  return out;
}

export function render(list, r) {
  let text = r.chance(0.03) ? '\ufeff' : '';
  for (const t of list) {
    text += t;
    const x = r.below(30);
    text += x === 0 ? '\n' : x === 1 ? '\r\n' : x === 2 ? '\r' : x === 3 ? ' , ' : x === 4 ? '\t'
      : x === 5 ? ' # é comment "{\n' : x === 6 ? '\n\n  ' : ' ';
  }
  return text;
}

// ---- damages ----

function walk(doc, visit) {
  const sels = (list, where) => list?.forEach((s) => { visit(s, list, where); sels(s.sel, where); });
  doc.defs.forEach((d) => { if (!d.raw) sels(d.sel, d); });
}
function collect(doc, test) {
  const out = [];
  walk(doc, (s, list, where) => { if (test(s)) out.push({ s, list, where }); });
  return out;
}
function values(doc) {
  const out = [];
  const go = (v, set, def) => {
    out.push({ v, set, def });
    if (v.k === 'list') v.items.forEach((i, n) => go(i, (x) => { v.items[n] = x; }, null));
    if (v.k === 'obj') v.fields.forEach((f) => go(f.value, (x) => { f.value = x; }, f.def));
  };
  const args = (list) => list.forEach((a) => go(a.value, (x) => { a.value = x; }, a.def));
  walk(doc, (s) => { if (s.args) args(s.args); s.directives.forEach((d) => args(d.args)); });
  doc.defs.forEach((d) => d.vars?.forEach((v) => { if (v.default) go(v.default, (x) => { v.default = x; }, null); }));
  return out;
}
const ops = (doc) => doc.defs.filter((d) => d.kind === 'op');
const lit = (text) => ({ k: 'lit', text });
const leaf = (name) => ({ kind: 'field', name, alias: null, args: [], directives: [], sel: null });

// Each returns false when the document offers no place for it.
export const damages = {
  ExecutableDefinitions: (d, r) => { d.defs.splice(r.below(d.defs.length + 1), 0, { raw: ['type', 'Odd', '{', 'a', ':', 'Int', '}'] }); },
  UniqueOperationNames: (d, r) => { const o = r.pick(ops(d)); o.name ??= 'Same'; d.defs.push({ ...o, vars: o.vars.map((v) => ({ ...v })) }); },
  LoneAnonymousOperation: (d) => { d.defs.push({ kind: 'op', type: 'query', name: null, vars: [], directives: [], sel: [leaf('__typename')] }); },
  SingleFieldSubscriptions: (d, r) => {
    const o = ops(d).find((x) => x.type === 'subscription');
    if (!o) return false;
    if (r.chance(0.3)) o.sel = [leaf('__typename')];
    else o.sel.push({ ...r.pick(o.sel), alias: 'twice' });
  },
  KnownTypeNames: (d, r) => {
    const v = ops(d).flatMap((o) => o.vars);
    const f = collect(d, (s) => s.kind === 'inline').map((x) => x.s).concat(d.defs.filter((x) => x.kind === 'frag'));
    if (v.length > 0 && (f.length === 0 || r.chance(0.5))) r.pick(v).type = r.pick(['Nowhere', '[Nowhere!]!', 'nowhere']);
    else if (f.length > 0) r.pick(f).on = 'Nowhere';
    else return false;
  },
  FragmentsOnCompositeTypes: (d, r) => {
    const f = collect(d, (s) => s.kind === 'inline').map((x) => x.s).concat(d.defs.filter((x) => x.kind === 'frag'));
    if (f.length === 0) return false;
    r.pick(f).on = r.pick(['Int', 'String', 'Boolean']);
  },
  VariablesAreInputTypes: (d, r, schema) => {
    const v = ops(d).flatMap((o) => o.vars);
    if (v.length === 0) return false;
    r.pick(v).type = r.pick(['', '!']) ? `[${schema.getQueryType().name}]!` : schema.getQueryType().name;
  },
  ScalarLeafs: (d, r) => {
    const f = collect(d, (s) => s.kind === 'field' && s.def);
    if (f.length === 0) return false;
    const { s } = r.pick(f);
    s.sel = s.sel ? null : [leaf('a')];
  },
  FieldsOnCorrectType: (d, r) => {
    const f = collect(d, (s) => s.kind === 'field' && s.def);
    if (f.length === 0) return false;
    const { s } = r.pick(f);
    s.name = r.chance(0.5) ? `${s.name}x` : r.pick(['id', 'no', '__type', '__odd']);
  },
  UniqueFragmentNames: (d, r) => {
    const f = d.defs.filter((x) => x.kind === 'frag');
    if (f.length === 0) return false;
    d.defs.push({ ...r.pick(f) });
  },
  KnownFragmentNames: (d, r) => {
    const f = collect(d, (s) => s.kind === 'spread');
    if (f.length === 0) return false;
    r.pick(f).s.name = 'Missing';
  },
  NoUnusedFragments: (d, r, schema) => { d.defs.push({ kind: 'frag', name: 'Alone', on: schema.getQueryType().name, directives: [], sel: [leaf('__typename')] }); },
  PossibleFragmentSpreads: (d, r, schema) => {
    const other = r.pick(Object.values(schema.getTypeMap()).filter(isObjectType)).name;
    const f = collect(d, (s) => s.kind === 'inline').map((x) => x.s).concat(d.defs.filter((x) => x.kind === 'frag'));
    if (f.length === 0) return false;
    r.pick(f).on = other;
  },
  NoFragmentCycles: (d, r) => {
    const f = d.defs.filter((x) => x.kind === 'frag');
    if (f.length === 0) return false;
    const a = r.pick(f);
    r.pick(f).sel.push({ kind: 'spread', name: a.name, directives: [] });
  },
  UniqueVariableNames: (d, r) => {
    const o = ops(d).filter((x) => x.vars.length > 0);
    if (o.length === 0) return false;
    const p = r.pick(o);
    p.vars.push({ ...r.pick(p.vars) });
  },
  NoUndefinedVariables: (d, r) => {
    const o = ops(d).filter((x) => x.vars.length > 0);
    if (o.length === 0) return false;
    const p = r.pick(o);
    p.vars.splice(r.below(p.vars.length), 1);
  },
  NoUnusedVariables: (d, r) => { r.pick(ops(d)).vars.push({ name: 'idle', type: 'Int', directives: [] }); },
  KnownDirectives: (d, r) => {
    const all = collect(d, () => true).map((x) => x.s).concat(ops(d), ops(d).flatMap((o) => o.vars));
    r.pick(all).directives.push(r.pick([{ name: 'odd', args: [] }, { name: 'deprecated', args: [] },
      { name: 'odd', args: [{ name: 'x', value: lit('1') }] }, { name: 'specifiedBy', args: [{ name: 'url', value: lit('"u"') }] },
      { name: 'oneOf', args: [] }]));
  },
  MisplacedDirectives: (d, r) => { r.pick(ops(d)).directives.push({ name: 'skip', args: [{ name: 'if', value: lit('true') }] }); },
  UniqueDirectivesPerLocation: (d, r) => {
    const { s } = r.pick(collect(d, () => true));
    const one = { name: 'skip', args: [{ name: 'if', value: lit('false') }] };
    s.directives.push(one, { ...one });
  },
  KnownArgumentNames: (d, r) => {
    const f = collect(d, (s) => s.kind === 'field').map((x) => x.s).concat(collect(d, (s) => s.directives.length > 0).map((x) => x.s.directives[0]));
    if (f.length === 0) return false;
    r.pick(f).args.push({ name: r.pick(['odd', 'iff', 'limi']), value: lit('1') });
  },
  UniqueArgumentNames: (d, r) => {
    const f = collect(d, (s) => s.args?.length > 0);
    if (f.length === 0) return false;
    const { s } = r.pick(f);
    s.args.push({ ...r.pick(s.args) });
  },
  ValuesOfCorrectType: (d, r) => {
    const v = values(d).filter((x) => x.v.k !== 'var');
    if (v.length === 0) return false;
    r.pick(v).set(r.pick([lit('99999999999'), lit('"wrong"'), lit('1.5'), lit('true'), lit('NOWHERE'), lit('null'),
      { k: 'list', items: [lit('1'), lit('"a"')] }, { k: 'obj', fields: [] }, { k: 'obj', fields: [{ name: 'odd', value: lit('1') }] },
      lit('-0'), lit('1e5')]));
  },
  InputFields: (d, r) => {
    const v = values(d).filter((x) => x.v.k === 'obj');
    if (v.length === 0) return false;
    const { v: o } = r.pick(v);
    const x = r.below(3);
    if (x === 0) o.fields.push({ name: 'odd', value: lit('1') });
    else if (o.fields.length === 0) return false;
    else if (x === 1) o.fields.splice(r.below(o.fields.length), 1);
    else r.pick(o.fields).value = lit(r.pick(['null', '"x"', '1', 'ODD']));
  },
  UniqueInputFieldNames: (d, r) => {
    const v = values(d).filter((x) => x.v.k === 'obj' && x.v.fields.length > 0);
    if (v.length === 0) return false;
    const { v: o } = r.pick(v);
    o.fields.push({ ...r.pick(o.fields) });
  },
  ProvidedRequiredArguments: (d, r) => {
    const f = collect(d, (s) => s.args?.some((a) => a.def && isNonNullType(a.def.type))).map((x) => x.s)
      .concat(collect(d, (s) => s.directives.length > 0).map((x) => x.s.directives[0]));
    if (f.length === 0) return false;
    r.pick(f).args = [];
  },
  VariablesInAllowedPosition: (d, r) => {
    const v = ops(d).flatMap((o) => o.vars);
    if (v.length === 0) return false;
    const one = r.pick(v);
    const text = String(one.type);
    one.type = r.pick([text.replace(/!$/, ''), `[${text}]`, 'Int', 'String!', 'Boolean']);
    if (one.default && r.chance(0.7)) delete one.default;
  },
  OverlappingNames: (d, r) => {
    const f = collect(d, (s) => s.kind === 'field' && s.def);
    if (f.length === 0) return false;
    const { s, list } = r.pick(f);
    const other = r.pick(Object.values(s.parent.getFields()));
    list.push({ kind: 'field', name: other.name, alias: s.alias ?? s.name, args: [], directives: [], parent: s.parent, def: other,
      sel: isObjectType(getNamedType(other.type)) ? [leaf('__typename')] : null });
  },
  OverlappingArguments: (d, r) => {
    const f = collect(d, (s) => s.kind === 'field' && s.args.length > 0);
    if (f.length === 0) return false;
    const { s, list } = r.pick(f);
    const copy = { ...s, args: s.args.map((a) => ({ ...a })) };
    if (r.chance(0.5)) copy.args.splice(r.below(copy.args.length), 1);
    else r.pick(copy.args).value = lit('3');
    list.splice(r.below(list.length + 1), 0, copy);
  },
  OverlappingDeep: (d, r) => {
    const f = collect(d, (s) => s.kind === 'field' && s.sel);
    if (f.length === 0) return false;
    const { s, list } = r.pick(f);
    const inner = s.sel.filter((x) => x.kind === 'field' && x.parent);
    if (inner.length === 0) return false;
    const n = r.pick(inner);
    const others = Object.values(n.parent.getFields()).filter((x) => !isObjectType(getNamedType(x.type)));
    if (others.length === 0) return false;
    const wrapped = { kind: 'field', name: r.pick(others).name, alias: n.alias ?? n.name, args: [], directives: [], sel: null };
    const copy = { ...s, sel: [wrapped] };
    if (r.chance(0.4)) list.push({ kind: 'inline', on: null, directives: [], sel: [copy] });
    else list.push(copy);
  },
  OverlappingFragments: (d, r) => {
    const f = d.defs.filter((x) => x.kind === 'frag');
    if (f.length === 0) return false;
    const a = r.pick(f);
    const inner = a.sel.filter((x) => x.kind === 'field');
    if (inner.length === 0) return false;
    const n = r.pick(inner);
    const b = r.pick(f);
    const copy = { ...n, alias: n.alias ?? n.name, name: '__typename', args: [], sel: null };
    b.sel.push(copy);
    if (r.chance(0.5)) { const spot = r.pick(collect(d, (s) => s.kind === 'spread')); spot?.list.push({ kind: 'spread', name: b.name, directives: [] }); }
  },
  IntrospectionDepth: (d, r) => {
    const deep = (n) => (n === 0 ? [leaf('name')] : [{ ...leaf(r.pick(['fields', 'ofType', 'inputFields', 'possibleTypes', 'interfaces', 'type'])), sel: deep(n - 1) }]);
    d.defs.push({ kind: 'op', type: 'query', name: 'Meta', vars: [], directives: [], sel: [{ ...leaf('__schema'), sel: [{ ...leaf('types'), sel: deep(r.below(5)) }] }] });
  },
};

const garbage = ['{', '}', '(', ')', '[', ']', ':', '=', '|', '&', '!', '$', '@', '...', '..', '?', '^', 'on', 'fragment', 'query',
  'true', 'null', '01', '1.', '1e', '-', '"', '"open', '"""open', '"\\q"', '"\\u12"', '"\\uD800"', '"\\u{110000}"', '\u0000', '\u0007', 'é',
  '1a', '.5', '"a\nb"', '"d"', '0x1', '1.2.3', '"""desc"""', '#', '%'];

// Damage the token list itself.
export function damageTokens(list, r) {
  const i = r.below(list.length);
  const x = r.below(4);
  if (x === 0) list.splice(i, 1);
  else if (x === 1) list.splice(i, 0, r.pick(garbage));
  else if (x === 2) list.splice(i, 1, r.pick(garbage));
  else list.splice(i);
}
