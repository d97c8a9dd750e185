interface TrustedTypesFactory {
  createPolicy(name: string, rules: { readonly createHTML: (html: string) => string }): unknown
}

const isFactory = (value: unknown): value is TrustedTypesFactory =>
  typeof value === 'object' && value !== null && 'createPolicy' in value

/** Lets a library empty an element by `innerHTML = ''`, and nothing write HTML from a text. */
export function allowEmptyHtml(): void {
  const factory: unknown = Reflect.get(window, 'trustedTypes')
  if (!isFactory(factory)) return
  factory.createPolicy('default', {
    createHTML(html) {
      if (html !== '') throw new TypeError('this page writes no HTML from texts')
      return html
    },
  })
}
