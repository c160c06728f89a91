/** The part of JSON Schema that docs/check.schema.json uses; a keyword that is not among them is an error. */
interface Schema {
  readonly [keyword: string]: unknown;
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: false;
  readonly items?: Schema;
  readonly pattern?: string;
  readonly minimum?: number;
}

const knownKeywords = new Set(['$schema', 'title', 'description', 'definitions', '$ref', 'type', 'const', 'enum', 'required', 'properties', 'additionalProperties', 'items', 'pattern', 'minimum']);

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : value === null ? 'null' : typeof value;
}

/** What in the value breaks the schema, one line each. */
export function schemaErrors(value: unknown, schema: Schema, root: Schema = schema, path = '$'): readonly string[] {
  const unknownKeyword = Object.keys(schema).find((keyword) => !knownKeywords.has(keyword));
  if (unknownKeyword !== undefined) throw new Error(`keyword ${unknownKeyword} is not known here`);
  if (schema.$ref !== undefined) {
    const named = (root['definitions'] as Readonly<Record<string, Schema>>)[schema.$ref.replace('#/definitions/', '')];
    return named === undefined ? [`${path}: ${schema.$ref} is missing`] : schemaErrors(value, named, root, path);
  }
  const errors: string[] = [];
  if (schema.type !== undefined && schema.type !== typeOf(value)) return [`${path}: is ${typeOf(value)}, not ${schema.type}`];
  if (schema.const !== undefined && schema.const !== value) errors.push(`${path}: is not ${JSON.stringify(schema.const)}`);
  if (schema.enum !== undefined && !schema.enum.includes(value)) errors.push(`${path}: ${JSON.stringify(value)} is not one of them`);
  if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(String(value))) errors.push(`${path}: does not match ${schema.pattern}`);
  if (schema.minimum !== undefined && Number(value) < schema.minimum) errors.push(`${path}: below ${schema.minimum}`);
  if (Array.isArray(value) && schema.items !== undefined) errors.push(...value.flatMap((each, index) => schemaErrors(each, schema.items!, root, `${path}[${index}]`)));
  if (typeOf(value) !== 'object') return errors;
  const members = value as Readonly<Record<string, unknown>>;
  for (const name of schema.required ?? []) if (!(name in members)) errors.push(`${path}: lacks ${name}`);
  for (const [name, member] of Object.entries(members)) {
    const inner = schema.properties?.[name];
    if (inner !== undefined) errors.push(...schemaErrors(member, inner, root, `${path}.${name}`));
    else if (schema.additionalProperties === false) errors.push(`${path}: has ${name}`);
  }
  return errors;
}
