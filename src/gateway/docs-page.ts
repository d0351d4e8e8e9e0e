import { readFileSync } from 'node:fs'
import { html, raw } from 'hono/html'
import {
  type Content,
  type OpenApi,
  type Operation,
  type Parameter,
  type PathItem,
  type Reference,
  referenceName,
  resolved,
  type Schema,
} from './openapi.ts'

/** A piece of the page, escaped. */
export type Html = ReturnType<typeof html>

/** The description of the gateway for people. */
export function docsPage(document: OpenApi): Html {
  const { info, tags, components } = document
  const { securitySchemes, schemas } = components
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${info.title}</title>
<style>${raw(readFileSync(new URL('./docs-page.css', import.meta.url), 'utf8'))}</style>
</head>
<body>
<header><h1>${info.title}</h1><p>${info.version}</p><a href="/docs/openapi.json">OpenAPI 3.1</a></header>
<main>
${info.description.trim().split('\n\n').map(paragraph)}
<h2>Write key</h2>
<ul>${Object.values(securitySchemes).map(({ description }) => html`<li>${inline(description)}</li>`)}
<li>${inline('The member `writeKey` of the body.')}</li></ul>
${tags.map(({ name, description }) => group(document, name, description))}
<h2>Schemas</h2>
${Object.entries(schemas).map(([name, schema]) => html`<h3 id="${name}">${name}</h3>${members(schema)}`)}
</main>
</body>
</html>`
}

function group(document: OpenApi, tag: string, description: string): Html {
  const entries = Object.entries(document.paths).flatMap(([path, item]) => entriesOf(document, path, item))
  return html`<h2>${tag}</h2>${paragraph(description)}
${entries.filter(({ operation }) => operation.tags.includes(tag)).map((entry) => endpoint(document, entry))}`
}

interface Entry {
  readonly method: string
  readonly paths: readonly string[]
  readonly operation: Operation
}

/** A path that only refers to another is shown with that one. */
function entriesOf(document: OpenApi, path: string, item: PathItem | Reference): readonly Entry[] {
  if ('$ref' in item) return []
  const others = Object.entries(document.paths).filter(
    ([, other]) => '$ref' in other && referenceName(other.$ref) === path,
  )
  const paths = [path, ...others.map(([other]) => other)]
  return (['get', 'post'] as const).flatMap((method) => {
    const operation = item[method]
    return operation === undefined ? [] : [{ method: method.toUpperCase(), paths, operation }]
  })
}

function endpoint(document: OpenApi, { method, paths, operation }: Entry): Html {
  const { summary, description, parameters = [], requestBody, responses } = operation
  const [path, ...others] = paths
  return html`<section>
<h3><b>${method}</b> ${path} ${others.map((other) => html`<small>or ${other}</small>`)}</h3>
${paragraph(summary)}
${description === undefined ? '' : description.trim().split('\n\n').map(paragraph)}
${parameters.length === 0 ? '' : table(parameters.map((parameter) => parameterRow(resolved(document, parameter))))}
${requestBody === undefined ? '' : body(requestBody.content)}
<details><summary>Answers</summary>
<table>${Object.entries(responses).map(([status, given]) => {
    const answer = resolved(document, given)
    return html`<tr><th>${status}</th><td>${inline(answer.description)} ${body(answer.content ?? {})}</td></tr>`
  })}</table>
</details>
</section>`
}

function body(content: Content): readonly Html[] {
  return Object.entries(content).map(([type, { schema, example, examples = {} }]) => {
    const shown = [example, ...Object.values(examples).map(({ value }) => value)].filter((value) => value !== undefined)
    return html`<p>${type} ${typeText(schema ?? {})}</p>
${shown.map((value) => html`<pre>${JSON.stringify(value, null, 2)}</pre>`)}`
  })
}

/** The table of a schema's members; those of a schema it takes in are linked to. */
function members(schema: Schema): Html {
  const parts = schema.allOf ?? [schema]
  const rows = parts.flatMap(({ properties = {}, required = [] }) =>
    Object.entries(properties).map(([name, member]) => memberRow(name, member, required.includes(name))),
  )
  const taken = parts.flatMap(({ $ref }) => ($ref === undefined ? [] : [$ref]))
  return html`${taken.map((reference) => html`<p>All of ${typeText({ $ref: reference })}, and:</p>`)}
${rows.length === 0 ? html`<p>${typeText(schema)}. ${inline(schema.description ?? '')}</p>` : table(rows)}`
}

function table(rows: readonly Html[]): Html {
  return html`<table>${rows}</table>`
}

function memberRow(name: string, schema: Schema, required: boolean): Html {
  const must = required ? html` <small>required</small>` : ''
  return html`<tr><th>${name}${must}</th><td>${typeText(schema)}</td><td>${inline(schema.description ?? '')}</td></tr>`
}

function parameterRow({ name, schema, description, required = false }: Parameter): Html {
  return memberRow(name, { ...schema, ...(description === undefined ? {} : { description }) }, required)
}

function typeText({ $ref, type, const: only, enum: some, items }: Schema): Html {
  if ($ref !== undefined) return html`<a href="#${referenceName($ref)}">${referenceName($ref)}</a>`
  if (only !== undefined || some !== undefined) return html`${(some ?? [only]).map(String).join(', ')}`
  if (items !== undefined) return html`list of ${typeText(items)}`
  return html`${[type ?? ''].flat().join(' or ')}`
}

function paragraph(text: string): Html {
  return html`<p>${inline(text)}</p>`
}

/** Text with code between backticks. */
function inline(text: string): readonly (Html | string)[] {
  return text.split('`').map((part, index) => (index % 2 === 0 ? part : html`<code>${part}</code>`))
}
