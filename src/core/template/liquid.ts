/**
 * The one Liquid engine of the relay: no files, no clock, no dice, and every tag, filter and operator that could do
 * more work than the node it stands in tells the budget of the rendering.
 */
import {
  CaptureTag,
  Context,
  defaultOperators,
  evalToken,
  filters,
  ForTag,
  Liquid,
  TablerowTag,
  toValue,
  toValueSync,
  type Emitter,
  type FilterImplOptions,
  type Operators,
  type Template as Node,
} from 'liquidjs';
import { BoundedEmitter, RenderBudget, VALUES_A_STEP, weightOf } from './render-budget.ts';

/** Of its body in UTF-8. */
export const MAX_TEMPLATE_BYTES = 65_536;

/** Those that read files are no tags here: where they stand, parsing says that there is no such tag. */
const FILE_TAGS = ['include', 'render', 'layout', 'block'];
/** `sample` throws dice; the others run text as a program, also text of an event. */
const REFUSED_FILTERS = /^sample$|_exp$/;
/** What they take does not depend on how much they are given. */
const CHEAP_FILTERS = new Set(['size', 'first', 'last', 'default', 'raw']);
/** Those that look up a member of each value, or of a pair many times. */
const SLOW_FILTERS = new Set([
  'find',
  'find_index',
  'group_by',
  'has',
  'map',
  'reject',
  'sort',
  'sort_natural',
  'sum',
  'where',
]);
const MAX_ARGUMENT_CHARACTERS = 4_096;

type FilterHandler = Exclude<FilterImplOptions, { handler: unknown }>;

const engine = new Liquid({
  strictFilters: true,
  ownPropertyOnly: true,
  parseLimit: MAX_TEMPLATE_BYTES,
  locale: 'en-US',
  timezoneOffset: 0,
  operators: boundedOperators(),
  templates: {},
});

for (const name of FILE_TAGS) Reflect.deleteProperty(engine.tags, name);
for (const [name, filter] of Object.entries(filters)) {
  if (REFUSED_FILTERS.test(name)) engine.unregisterFilter(name);
  else engine.registerFilter(name, boundedFilter(name, filter));
}

engine.registerTag(
  'for',
  class extends ForTag {
    override *render(ctx: Context, emitter: Emitter): ReturnType<ForTag['render']> {
      spendOnMembers(ctx, yield evalToken(this.collection, ctx));
      return yield* super.render(ctx, emitter);
    }
  },
);
engine.registerTag(
  'tablerow',
  class extends TablerowTag {
    override *render(ctx: Context, emitter: Emitter): ReturnType<TablerowTag['render']> {
      spendOnMembers(ctx, yield evalToken(this.collection, ctx));
      return yield* super.render(ctx, emitter);
    }
  },
);
engine.registerTag(
  'capture',
  class extends CaptureTag {
    override *render(ctx: Context): Generator<unknown, void, string> {
      if (!(ctx instanceof BoundedContext)) throw new Error('only `render` renders');
      const emitter = new BoundedEmitter(ctx.budget);
      yield this.liquid.renderer.renderTemplates(this.templates, ctx, emitter);
      ctx.bottom()[this.variable] = emitter.buffer;
    }
  },
);

/** Throws LiquidError, or RangeError for tags in tags in tags beyond the stack. */
export function parse(text: string): Node[] {
  return engine.parse(text);
}

/**
 * Throws LiquidError, whose original may be of the budget.
 * @param variables what the template finds by name
 * @param nowText what the template is told when it asks for the time: the same at each rendering
 */
export function render(nodes: Node[], variables: object, nowText: string): string {
  const budget = new RenderBudget();
  const emitter = new BoundedEmitter(budget);
  const context = new BoundedContext(budget, variables, nowText);
  toValueSync(engine.renderer.renderTemplates(nodes, context, emitter));
  return emitter.buffer;
}

class BoundedContext extends Context {
  readonly budget: RenderBudget;
  readonly nowText: string;

  constructor(budget: RenderBudget, variables: object, nowText: string) {
    // Liquid asks of its limiters only these two methods.
    type Limits = NonNullable<ConstructorParameters<typeof Context>[3]>;
    const { memoryLimit, renderLimit } = budget as unknown as Required<Limits>;
    super(variables, engine.options, { sync: true }, { memoryLimit, renderLimit, liquid: engine });
    this.budget = budget;
    this.nowText = nowText;
  }
}

/** A loop over an object first makes a list of its members; over an array it takes the array as it is. */
function spendOnMembers(context: Context, collection: unknown): void {
  const value: unknown = toValue(collection);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    context.renderLimit.use(Object.keys(value).length);
  }
}

function boundedOperators(): Operators {
  const bounded: Operators = { ...defaultOperators };
  for (const name of ['==', '!=', '<', '>', '<=', '>=', 'contains']) {
    const operator = defaultOperators[name] as (left: unknown, right: unknown, context: Context) => boolean;
    bounded[name] = (left: unknown, right: unknown, context: Context) => {
      context.renderLimit.use(weightOf(left) + weightOf(right));
      return operator(left, right, context);
    };
  }
  return bounded;
}

function boundedFilter(name: string, filter: FilterImplOptions): FilterImplOptions {
  const { handler, raw } = typeof filter === 'function' ? { handler: filter, raw: false } : filter;
  const factor = SLOW_FILTERS.has(name) ? VALUES_A_STEP : 1;
  const isOfTime = name.startsWith('date');
  const bounded: FilterHandler = function (value: unknown, ...args: unknown[]): unknown {
    if (!CHEAP_FILTERS.has(name)) this.context.renderLimit.use(factor * weightOf([value, args]));
    if (
      Array.isArray(value) &&
      args.some((arg) => typeof arg === 'string' && arg.length > MAX_ARGUMENT_CHARACTERS)
    ) {
      throw new Error(`an argument of ${name} is longer than ${MAX_ARGUMENT_CHARACTERS} characters`);
    }
    const isNow = isOfTime && (value === 'now' || value === 'today');
    const given = isNow && this.context instanceof BoundedContext ? this.context.nowText : value;
    return handler.call(this, given, ...args);
  };
  return { handler: bounded, raw };
}
