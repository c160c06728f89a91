/** What was made for a number before, of one op. */

/** A program that is full of different numbers must not fill the memory. */
const MOST_FORMS = 256;

export class KnownForms<Key, Form> {
  readonly #forms = new Map<Key, Form>();

  get(key: Key, make: () => Form): Form {
    const known = this.#forms.get(key);
    if (known !== undefined || this.#forms.has(key)) return known!;
    const form = make();
    if (this.#forms.size < MOST_FORMS) this.#forms.set(key, form);
    return form;
  }
}
