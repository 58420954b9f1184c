/** How the requests of each source are read. What options or a recipe make of it is compiled when a request needs it. */
import type { Provider } from '../providers/provider.ts';
import { providerOf, sharedProvider } from '../providers/providers.ts';
import type { Sources } from './sources.ts';
import type { Source } from './source.ts';

/** Compiled recipes in memory: a tenant with more active sources of that kind compiles some of them again. */
const REMEMBERED = 100;

interface Compiled {
  /** Of the source as it was: each change of its registration reads them anew. */
  readonly options: Source['options'];
  readonly provider: Provider;
}

export class SourceProviders {
  readonly #sources: Sources;
  readonly #compiled = new Map<string, Compiled>();

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  of({ id, provider: name, options }: Source): Provider {
    const shared = sharedProvider(name);
    if (shared !== null) return shared;
    const known = this.#compiled.get(id);
    if (known?.options === options) return known.provider;
    const provider = providerOf({ provider: name, options, recipe: this.#sources.rows.recipe(id) });
    if (provider === null) throw new Error(`source ${id}: its requests cannot be read`);
    if (this.#compiled.size >= REMEMBERED) this.#compiled.clear();
    this.#compiled.set(id, { options, provider });
    return provider;
  }
}
