import * as z from 'zod';

export type Json = Readonly<Record<string, unknown>>;

/** JSON Schemas of the routes; those with an id stand once, among the components. */
export class Schemas {
  readonly shared: Record<string, Json> = {};

  of(schema: z.ZodType, io: 'input' | 'output'): Json {
    const {
      $schema: _dialect,
      $defs,
      ...own
    } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json;
    for (const [id, definition] of Object.entries(($defs ?? {}) as Record<string, Json>)) {
      this.shared[id] = withoutId(pointingToComponents(definition));
    }
    const local = pointingToComponents(own);
    if (typeof local['id'] !== 'string') return local;
    this.shared[local['id']] = withoutId(local);
    return { $ref: `#/components/schemas/${local['id']}` };
  }
}

function withoutId({ id: _id, ...schema }: Json): Json {
  return schema;
}

function pointingToComponents(schema: Json): Json {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/')) as Json;
}
